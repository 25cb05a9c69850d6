package dev.layercache.client;

import java.util.List;

/**
 * Who takes how much of a server's disk.
 *
 * @param repositories those with most bytes first, at most 1,000
 * @param images those with most exclusive bytes first, at most 5,000; empty unless asked for
 * @param more whether there are more of either
 * @param blobBytes of all blobs
 * @param imageBytes of blobs that images name, each once
 * @param diskBytes on disk: blobs, index, log, unfinished uploads
 * @param budgetBytes that may be on disk
 */
public record DiskUsage(
    List<Repository> repositories,
    List<StoredImage> images,
    boolean more,
    long blobBytes,
    long imageBytes,
    long diskBytes,
    long budgetBytes) {
  public DiskUsage {
    repositories = List.copyOf(repositories);
    images = List.copyOf(images);
  }

  /**
   * A repository.
   *
   * @param name of it
   * @param images in it
   * @param bytes of their blobs, each once
   * @param exclusiveBytes of those that no other repository names
   */
  public record Repository(String name, long images, long bytes, long exclusiveBytes) {}
}
