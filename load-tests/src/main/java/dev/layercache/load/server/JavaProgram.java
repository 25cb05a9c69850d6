package dev.layercache.load.server;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How our programs are started: the same JDK as this, and the flags of {@code ./layercache}. */
public final class JavaProgram {
  private static final List<String> FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Djdk.virtualThreadScheduler.parallelism=32",
          "-Djdk.virtualThreadScheduler.maxPoolSize=64");

  private JavaProgram() {}

  /**
   * @param flags further ones of the JVM; they win
   */
  public static List<String> command(
      String classPath, List<String> flags, String mainClass, List<String> arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, mainClass));
    command.addAll(arguments);
    return command;
  }

  /** That of this process. */
  public static String ownClassPath() {
    return System.getProperty("java.class.path");
  }

  /** The flag by which {@code ./layercache} starts faster; none when nothing was recorded. */
  public static List<String> recorded(Path root) throws IOException {
    var archive = root.resolve("cache-server/target/launcher.aot");
    return Files.exists(archive) && Files.size(archive) > 0
        ? List.of("-XX:AOTCache=" + archive.toAbsolutePath())
        : List.of();
  }

  /**
   * The server as it was built in {@code root}: its jar and those beside it, in the order of {@code
   * ./layercache}.
   *
   * @throws IOException if it was not built
   */
  public static String serverClassPath(Path root) throws IOException {
    var target = root.resolve("cache-server/target");
    try (var jars = Files.newDirectoryStream(target, "layercache-server-*.jar")) {
      for (var jar : jars) {
        try (var libraries = Files.list(target.resolve("lib"))) {
          return Stream.concat(Stream.of(jar), libraries.sorted())
              .map(path -> path.toAbsolutePath().toString())
              .collect(Collectors.joining(File.pathSeparator));
        }
      }
    }
    throw new IOException("no layercache-server-*.jar in %s (expected: a build)".formatted(target));
  }
}
