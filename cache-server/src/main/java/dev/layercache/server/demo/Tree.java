package dev.layercache.server.demo;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Directories with all that is in them. Links are not followed. */
final class Tree {
  private Tree() {}

  static void delete(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** The first file of {@code root} that {@code copy} lacks or has with other bytes. */
  static Optional<Path> firstDifference(Path root, Path copy) throws IOException {
    try (var paths = Files.walk(root)) {
      for (Path file : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
        Path other = copy.resolve(root.relativize(file).toString());
        if (!Files.exists(other) || Files.mismatch(file, other) >= 0) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }
}
