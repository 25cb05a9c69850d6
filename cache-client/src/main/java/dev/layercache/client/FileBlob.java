package dev.layercache.client;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** A blob that becomes a file by an atomic rename. Closing without commit leaves no trace. */
final class FileBlob implements PartialBlob {
  private final Path target;
  private final Path temporary;
  private final FileChannel file;
  private final BlobVerifier verifier;

  private FileBlob(Path target, Path temporary, FileChannel file, BlobVerifier verifier) {
    this.target = target;
    this.temporary = temporary;
    this.file = file;
    this.verifier = verifier;
  }

  /**
   * Begins a hidden file in the directory of {@code target}.
   *
   * @throws IOException if {@code target} is a directory, or its directory cannot be written
   */
  static FileBlob beside(Path target, Descriptor blob) throws IOException {
    if (Files.isDirectory(target)) {
      throw new IOException("download to %s: is a directory (expected: a file)".formatted(target));
    }
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".part");
    return new FileBlob(
        target, temporary, FileChannel.open(temporary, CREATE_NEW, WRITE), new BlobVerifier(blob));
  }

  @Override
  public long position() {
    return verifier.position();
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    verifier.see(bytes);
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  @Override
  public void commit() throws IOException {
    verifier.verify();
    file.force(true);
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory();
  }

  /** The rename survives power loss only when the directory is on disk too. */
  private void syncDirectory() throws IOException {
    Path directory = target.toAbsolutePath().getParent();
    if (directory != null) {
      try (var opened = FileChannel.open(directory, READ)) {
        opened.force(true);
      }
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.deleteIfExists(temporary);
  }
}
