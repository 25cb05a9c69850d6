package dev.layercache.client.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.MediaTypes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** Writes images into a layout; others in it stay as they are. */
final class LayoutDestination implements ImageDestination {
  private static final Duration LOCK_DEADLINE = Duration.ofSeconds(30);
  private static final Duration LOCK_POLL = Duration.ofMillis(10);

  private final Path root;
  private final Optional<String> name;
  private final BlobDirectory blobs;

  LayoutDestination(Path root, Optional<String> name) throws IOException {
    this.root = root;
    this.name = name;
    blobs = new BlobDirectory(root);
    if (Files.exists(marker())) {
      LayoutIndex.requireLayout(new DirectoryFiles(root));
    } else if (Files.exists(root)) {
      requireEmpty();
    }
  }

  /** Not before there is something to write: a pull of what does not exist leaves no directory. */
  private synchronized void create() throws IOException {
    if (!Files.exists(marker())) {
      Files.createDirectories(root);
      DurableFiles.replace(marker(), file -> Files.writeString(file, LayoutIndex.MARKER_CONTENT));
    }
  }

  private Path marker() {
    return root.resolve(LayoutIndex.MARKER);
  }

  /** A directory of something else is left alone; hidden files and {@code blobs} may be ours. */
  private void requireEmpty() throws IOException {
    try (var entries = Files.newDirectoryStream(root)) {
      for (Path entry : entries) {
        String found = String.valueOf(entry.getFileName());
        if (!found.startsWith(".") && !found.equals("blobs")) {
          throw new IOException(
              "%s is neither empty nor an OCI layout: it has %s but no file %s"
                  .formatted(root, found, LayoutIndex.MARKER));
        }
      }
    }
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    return blobs.has(descriptor);
  }

  @Override
  public PartialBlob begin(Descriptor descriptor) throws IOException {
    create();
    return blobs.begin(descriptor);
  }

  @Override
  public void finish(Descriptor image, Optional<String> tag) throws IOException {
    if (!blobs.has(image)) {
      throw new IOException("%s lacks the image's manifest %s".formatted(root, image.digest()));
    }
    Optional<String> called = name.or(() -> tag);
    called.ifPresent(LayoutIndex::requireTag);
    create();
    // The marker is the lock: one writer of the index at a time, across processes.
    try (var marker = FileChannel.open(marker(), StandardOpenOption.WRITE)) {
      lock(marker);
      byte[] index = BoundedJson.bytes(withEntry(readIndex(), image, called));
      DurableFiles.replace(root.resolve(LayoutIndex.FILE), file -> Files.write(file, index));
    }
  }

  private void lock(FileChannel marker) throws IOException {
    long deadline = System.nanoTime() + LOCK_DEADLINE.toNanos();
    while (!tryLock(marker)) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException(
            "%s is locked by another process for more than %d s"
                .formatted(marker(), LOCK_DEADLINE.toSeconds()));
      }
      try {
        Thread.sleep(LOCK_POLL.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for the lock on " + root);
      }
    }
  }

  private static boolean tryLock(FileChannel marker) throws IOException {
    try {
      FileLock lock = marker.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private ObjectNode readIndex() throws IOException {
    if (!Files.exists(root.resolve(LayoutIndex.FILE))) {
      var index = JsonNodeFactory.instance.objectNode();
      index.put("schemaVersion", 2);
      index.put("mediaType", MediaTypes.OCI_INDEX);
      return index;
    }
    var files = new DirectoryFiles(root);
    LayoutIndex.read(files);
    return (ObjectNode) BoundedJson.read(files, LayoutIndex.FILE);
  }

  /** Fields and entries that are not ours are kept as they are, known or not. */
  private static ObjectNode withEntry(ObjectNode index, Descriptor image, Optional<String> tag) {
    ArrayNode entries = JsonNodeFactory.instance.arrayNode();
    for (JsonNode entry : index.path("manifests")) {
      if (!isReplaced(entry, image, tag)) {
        entries.add(entry);
      }
    }
    entries.add(entry(image, tag));
    index.set("manifests", entries);
    return index;
  }

  private static boolean isReplaced(JsonNode entry, Descriptor image, Optional<String> tag) {
    JsonNode called = entry.path("annotations").path(LayoutIndex.REF_NAME);
    return tag.isPresent()
        ? called.asText("").equals(tag.get())
        : called.isMissingNode()
            && entry.path("digest").asText("").equals(image.digest().toString());
  }

  private static ObjectNode entry(Descriptor image, Optional<String> tag) {
    var entry = JsonNodeFactory.instance.objectNode();
    entry.put("mediaType", image.mediaType());
    entry.put("digest", image.digest().toString());
    entry.put("size", image.size());
    image.artifactType().ifPresent(type -> entry.put("artifactType", type));
    image
        .platform()
        .ifPresent(
            platform -> {
              var node = entry.putObject("platform");
              node.put("architecture", platform.architecture());
              node.put("os", platform.os());
              platform.variant().ifPresent(variant -> node.put("variant", variant));
            });
    tag.ifPresent(name -> entry.putObject("annotations").put(LayoutIndex.REF_NAME, name));
    return entry;
  }

  @Override
  public void close() {
    // Holds nothing: partial blobs have files of their own.
  }
}
