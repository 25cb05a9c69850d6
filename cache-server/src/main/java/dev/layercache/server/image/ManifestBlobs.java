package dev.layercache.server.image;

import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.blob.BlobUpload;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UploadHint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Manifests and image configurations as ordinary blobs, small enough for memory. Thread-safe. */
final class ManifestBlobs {
  private final BlobStore blobs;

  ManifestBlobs(BlobStore blobs) {
    this.blobs = blobs;
  }

  /** Stores the bytes durably, unless they are there already. */
  void store(Digest digest, byte[] bytes) throws IOException {
    if (blobs.findMissing(List.of(digest)).isEmpty()) {
      return;
    }
    try (BlobUpload upload = blobs.begin(UploadHint.of(digest, bytes.length))) {
      try {
        upload.write(ByteBuffer.wrap(bytes));
        upload.commit(digest);
      } catch (IOException | RuntimeException e) {
        upload.abort();
        throw e;
      }
    }
  }

  /** The bytes of a blob; empty when it is not stored or larger than any manifest. */
  Optional<byte[]> read(Digest digest) throws IOException {
    var opened = blobs.open(digest, ByteRange.ALL);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    try (BlobReader reader = opened.get()) {
      if (reader.info().size() > ManifestParser.MAX_BYTES) {
        return Optional.empty();
      }
      var bytes = ByteBuffer.allocate((int) reader.info().size());
      while (bytes.hasRemaining()) {
        if (reader.read(bytes) < 0) {
          throw new IOException(
              "blob %s ended after %d bytes (expected: %d)"
                  .formatted(digest, bytes.position(), bytes.capacity()));
        }
      }
      return Optional.of(bytes.array());
    }
  }
}
