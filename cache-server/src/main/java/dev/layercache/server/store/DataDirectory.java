package dev.layercache.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Set;

/**
 * The directory that a store lives in: {@code VERSION}, {@code lock}, {@code db/} and {@code
 * staging/}. Locked for one process while it is open.
 */
final class DataDirectory implements AutoCloseable {
  /**
   * Version of the layout that this code writes. It reads the others too: in segments of version 1
   * chunks were packed more tightly, and version 2 knows no {@link BlockChecksum} but xxHash64.
   */
  static final int VERSION = 3;

  private static final String PREFIX = "layercache ";

  /** What a start that was cut short leaves behind, and what a file system has at its root. */
  private static final Set<String> HARMLESS =
      Set.of("lock", "staging", "db", "native", "lost+found");

  private final Path root;
  private final FileChannel lockFile;

  private DataDirectory(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /**
   * Creates the directory if need be, locks it and checks its version. A directory of a newer
   * version, or one that holds something else, is left as it is.
   *
   * @throws IOException with what is wrong and what to do
   */
  static DataDirectory open(Path root) throws IOException {
    Path absolute = root.toAbsolutePath();
    Files.createDirectories(absolute);
    int version = knownVersion(absolute);
    var lockFile =
        FileChannel.open(
            absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      lock(absolute, lockFile);
      Files.createDirectories(absolute.resolve("staging"));
      Files.createDirectories(absolute.resolve("db"));
      Files.createDirectories(absolute.resolve("native"));
      // RocksDB never removes these: each kill while it wrote one left half a megabyte for good.
      deleteAll(absolute.resolve("db"), "OPTIONS-*.dbtmp");
      if (version == 1) {
        // Unfinished uploads of version 1 cannot be continued; their clients begin them again. What
        // is stored stays as it is and is read by key.
        deleteAll(absolute.resolve("staging"), "*.sst");
      }
      if (version < VERSION) {
        writeVersion(absolute);
      }
      return new DataDirectory(absolute, lockFile);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  Path root() {
    return root;
  }

  Path database() {
    return root.resolve("db");
  }

  Path staging() {
    return root.resolve("staging");
  }

  /** Where RocksDB's own library is unpacked to. */
  Path nativeLibrary() {
    return root.resolve("native");
  }

  /** Makes what was created, renamed or removed in {@code directory} survive power loss. */
  static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }

  private static void lock(Path root, FileChannel lockFile) throws IOException {
    FileLock lock;
    try {
      lock = lockFile.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new IOException(
          "data directory %s is in use by another process (expected: one server for each directory)"
              .formatted(root));
    }
  }

  /** The directory's version; 0 if it has none yet. */
  private static int knownVersion(Path root) throws IOException {
    String text;
    try {
      // Whatever bytes are in it: a damaged one is told in words.
      text = Files.readString(root.resolve("VERSION"), StandardCharsets.ISO_8859_1).strip();
    } catch (NoSuchFileException e) {
      requireEmpty(root);
      return 0;
    }
    int version;
    try {
      version = text.startsWith(PREFIX) ? Integer.parseInt(text.substring(PREFIX.length())) : -1;
    } catch (NumberFormatException e) {
      version = -1;
    }
    if (version > VERSION) {
      throw new IOException(
          "data directory %s has layout version %d, written by a newer layercache (expected: at most %d); nothing was changed: upgrade, or use another directory"
              .formatted(root, version, VERSION));
    }
    if (version < 1) {
      throw new IOException(
          "data directory %s: its file VERSION is damaged: it says '%s' (expected: '%s%d'); nothing was changed: write that into it if layercache wrote the directory"
              .formatted(root, brief(text), PREFIX, VERSION));
    }
    return version;
  }

  private static void deleteAll(Path directory, String pattern) throws IOException {
    try (var files = Files.newDirectoryStream(directory, pattern)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static String brief(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private static void requireEmpty(Path root) throws IOException {
    try (var entries = Files.list(root)) {
      var stranger =
          entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> !HARMLESS.contains(name))
              .findFirst();
      if (stranger.isPresent()) {
        throw new IOException(
            "data directory %s holds '%s' and no VERSION file (expected: an empty directory, or one written by layercache)"
                .formatted(root, stranger.get()));
      }
    }
  }

  /** Removes a directory and what is in it, if it is there. */
  static void delete(Path directory) throws IOException {
    if (Files.notExists(directory)) {
      return;
    }
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Makes a directory one of the current version. */
  static void writeVersion(Path root) throws IOException {
    Path file = root.resolve("VERSION");
    Path fresh = Files.createDirectories(root.resolve("staging")).resolve("VERSION.new");
    try (var out =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      out.write(ByteBuffer.wrap((PREFIX + VERSION + "\n").getBytes(StandardCharsets.US_ASCII)));
      out.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    sync(root);
  }
}
