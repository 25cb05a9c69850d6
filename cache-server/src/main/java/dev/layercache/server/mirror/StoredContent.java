package dev.layercache.server.mirror;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.ManifestContent;
import dev.layercache.server.image.StoredManifest;
import dev.layercache.server.mirror.Origins.Asked;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** What is stored, and nothing else. */
public final class StoredContent implements Content {
  private final BlobSource blobs;
  private final Images images;

  public StoredContent(BlobSource blobs, Images images) {
    this.blobs = blobs;
    this.images = images;
  }

  @Override
  public Optional<String> locate(Asked asked) {
    return Optional.of(asked.name());
  }

  @Override
  public Optional<Found<ManifestContent>> get(String repository, String reference)
      throws IOException {
    return images.get(repository, reference).map(Found::fresh);
  }

  @Override
  public Optional<Found<StoredManifest>> resolve(String repository, String reference)
      throws IOException {
    return images.resolve(repository, reference).map(Found::fresh);
  }

  @Override
  public Optional<BlobInfo> stat(String repository, Digest blob) throws IOException {
    // Who is told that a blob is there may rely on it for a while.
    return blobs.findMissing(Set.of(blob)).isEmpty() ? blobs.stat(blob) : Optional.empty();
  }

  @Override
  public Optional<BlobReader> open(String repository, Digest blob, ByteRange range)
      throws IOException {
    return blobs.open(blob, range);
  }
}
