package dev.layercache.server.blob;

/**
 * A full store: reads, takes in and manages. Whoever opened it closes it, after its readers and
 * uploads.
 */
public interface BlobStore extends BlobSource, BlobIngest, BlobAdmin, AutoCloseable {

  /**
   * Lets go of every resource. Open uploads stay resumable where the implementation is durable.
   * Idempotent.
   */
  @Override
  void close();
}
