package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** A blob on its way into a {@link BlobDirectory}. */
final class FilePartialBlob implements PartialBlob {
  private final Descriptor descriptor;
  private final PartialFile partial;
  private final Path target;
  private final Runnable released;
  private final MessageDigest hash;
  private long position;
  private boolean committed;

  FilePartialBlob(Descriptor descriptor, PartialFile partial, Path target, Runnable released)
      throws IOException {
    this.descriptor = descriptor;
    this.partial = partial;
    this.target = target;
    this.released = released;
    hash = descriptor.digest().algorithm().newHash();
    try {
      resume();
    } catch (IOException | RuntimeException e) {
      partial.channel().close();
      throw e;
    }
  }

  /** A hash cannot be saved, so what an earlier attempt wrote is read once more. */
  private void resume() throws IOException {
    if (partial.channel().size() > descriptor.size()) {
      partial.channel().truncate(0);
    }
    BlobDirectory.hash(partial.channel().position(0), hash);
    position = partial.channel().position();
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (position + length > descriptor.size()) {
      throw discard(
          "blob %s has more than the %d bytes expected"
              .formatted(descriptor.digest(), descriptor.size()));
    }
    ByteBuffer hashed = bytes.duplicate();
    while (bytes.hasRemaining()) {
      partial.channel().write(bytes);
    }
    hash.update(hashed);
    position += length;
  }

  @Override
  public void commit() throws IOException {
    if (position != descriptor.size()) {
      throw discard(
          "blob %s has %d bytes (expected: %d)"
              .formatted(descriptor.digest(), position, descriptor.size()));
    }
    Digest found = Digest.of(descriptor.digest().algorithm(), hash);
    if (!found.equals(descriptor.digest())) {
      throw discard("blob has digest %s (expected: %s)".formatted(found, descriptor.digest()));
    }
    partial.channel().force(true);
    DurableFiles.publish(partial.path(), target);
    committed = true;
  }

  /** Empties the file, which may be continued from its start. */
  private IOException discard(String why) throws IOException {
    partial.channel().truncate(0);
    hash.reset();
    position = 0;
    return new IOException(why);
  }

  @Override
  public void close() throws IOException {
    try {
      if (!committed && (!partial.keep() || position == 0)) {
        Files.deleteIfExists(partial.path());
      }
    } finally {
      partial.channel().close();
      released.run();
    }
  }
}
