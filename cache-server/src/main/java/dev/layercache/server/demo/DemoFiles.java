package dev.layercache.server.demo;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Real files of this machine, by the name that they get in a layer. */
final class DemoFiles {
  private DemoFiles() {}

  /** Files of this JDK, the largest first, of at most {@code budget} bytes in all. */
  static Map<String, Path> ofJdk(long budget) throws IOException {
    Path home = Path.of(System.getProperty("java.home"));
    try (var paths = Files.walk(home)) {
      return fitting(home, "opt/java/", paths, budget);
    }
  }

  /** What this program consists of, jars or classes, of at most {@code budget} bytes in all. */
  static Map<String, Path> ofProgram(long budget) throws IOException {
    var files = new TreeMap<String, Path>();
    long left = budget;
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (!Files.exists(path)) {
        continue;
      }
      Path root = Files.isDirectory(path) ? path : path.resolveSibling("");
      try (var paths = Files.walk(path)) {
        for (var file : fitting(root, "app/lib/", paths, left).entrySet()) {
          if (files.putIfAbsent(file.getKey(), file.getValue()) == null) {
            left -= Files.size(file.getValue());
          }
        }
      }
    }
    return files;
  }

  private static Map<String, Path> fitting(
      Path root, String prefix, Stream<Path> paths, long budget) throws IOException {
    var files = new TreeMap<String, Path>();
    var largestFirst =
        paths
            .filter(Files::isRegularFile)
            .filter(Files::isReadable)
            .sorted(Comparator.comparingLong((Path path) -> path.toFile().length()).reversed())
            .toList();
    long left = budget;
    for (Path file : largestFirst) {
      long size = Files.size(file);
      if (size <= left) {
        files.put(prefix + root.relativize(file), file);
        left -= size;
      }
    }
    return files;
  }
}
