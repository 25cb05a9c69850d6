package dev.layercache.client.image;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blobs of a layout on disk, {@code blobs/ALGORITHM/HEX}. A partial blob lies beside as {@code
 * .HEX.partial} and is continued by whoever comes next; a second writer of the same blob at the
 * same time gets a file of its own. Thread-safe.
 */
final class BlobDirectory {
  private static final int BUFFER = 256 << 10;

  private final Path root;
  private final Set<Digest> beingWritten = ConcurrentHashMap.newKeySet();

  BlobDirectory(Path root) {
    this.root = root;
  }

  Path path(Digest digest) {
    return root.resolve(LayoutFiles.blobPath(digest));
  }

  /** Whether the blob is there with the right size and content; reads all of it. */
  boolean has(Descriptor descriptor) throws IOException {
    Path file = path(descriptor.digest());
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        || Files.size(file) != descriptor.size()) {
      return false;
    }
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      var algorithm = descriptor.digest().algorithm();
      return Digest.of(algorithm, hash(channel, algorithm.newHash())).equals(descriptor.digest());
    }
  }

  PartialBlob begin(Descriptor descriptor) throws IOException {
    Digest digest = descriptor.digest();
    Path file = path(digest);
    Path directory = DurableFiles.directory(file);
    Files.createDirectories(directory);
    if (beingWritten.add(digest)) {
      try {
        var shared = PartialFile.claim(directory.resolve("." + digest.hex() + ".partial"));
        if (shared.isPresent()) {
          return new FilePartialBlob(
              descriptor, shared.get(), file, () -> beingWritten.remove(digest));
        }
      } catch (IOException | RuntimeException e) {
        beingWritten.remove(digest);
        throw e;
      }
      beingWritten.remove(digest);
    }
    return new FilePartialBlob(descriptor, PartialFile.ownedAlone(directory), file, () -> {});
  }

  /** Feeds everything from the channel's position on to {@code hash}, and returns it. */
  static MessageDigest hash(FileChannel channel, MessageDigest hash) throws IOException {
    var buffer = ByteBuffer.allocate(BUFFER);
    while (channel.read(buffer) >= 0) {
      hash.update(buffer.flip());
      buffer.clear();
    }
    return hash;
  }
}
