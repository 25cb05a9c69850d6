package dev.layercache.load.measure;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes files cold: drops their clean pages from the page cache with posix_fadvise(2), which needs
 * no privilege. Not thread-safe.
 */
public final class PageCache {
  /** POSIX_FADV_DONTNEED and O_RDONLY on Linux. */
  private static final int DONTNEED = 4;

  private static final int READ_ONLY = 0;

  private final MethodHandle open =
      function(
          "open",
          FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
  private final MethodHandle advise =
      function(
          "posix_fadvise",
          FunctionDescriptor.of(
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_INT,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_INT));
  private final MethodHandle close =
      function("close", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

  private static MethodHandle function(String name, FunctionDescriptor form) {
    var linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), form);
  }

  /** Every file below {@code directory}. */
  public void drop(Path directory) throws IOException {
    drop(directory, "");
  }

  /** Every file below {@code directory} whose name ends with {@code suffix}. */
  public void drop(Path directory, String suffix) throws IOException {
    List<Path> files;
    try (var found = Files.walk(directory)) {
      files =
          found
              .filter(Files::isRegularFile)
              .filter(file -> file.toString().endsWith(suffix))
              .toList();
    }
    for (var file : files) {
      dropFile(file);
    }
  }

  private void dropFile(Path file) throws IOException {
    try (var arena = Arena.ofConfined()) {
      int descriptor = (int) open.invokeExact(arena.allocateFrom(file.toString()), READ_ONLY);
      if (descriptor < 0) {
        return; // Deleted meanwhile: it has no pages either.
      }
      int error = (int) advise.invokeExact(descriptor, 0L, 0L, DONTNEED);
      int closed = (int) close.invokeExact(descriptor);
      if (error != 0 || closed != 0) {
        throw new IOException("posix_fadvise of %s: error %d".formatted(file, error));
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("posix_fadvise of " + file, e);
    }
  }
}
