package dev.layercache.server.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What an image is built from: programs of this machine as its base layer, a small application as
 * the other, and a Dockerfile that says so.
 *
 * @param directory holds {@code base/}, {@code app/} and {@code Dockerfile}
 */
record BuildContext(Path directory) {
  private static final List<String> PROGRAMS =
      List.of("bash", "ls", "tar", "grep", "sed", "gzip", "sort", "openssl", "git");

  /** Bytes of the application. */
  static final int APP_BYTES = 10_000;

  static BuildContext create(Path directory) throws IOException {
    Files.createDirectories(directory.resolve("base"));
    Files.createDirectories(directory.resolve("app"));
    for (String program : PROGRAMS) {
      Path file = Path.of("/usr/bin", program);
      if (Files.exists(file)) {
        Files.copy(
            file, directory.resolve("base").resolve(program), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.writeString(
        directory.resolve("Dockerfile"),
        """
        FROM scratch
        COPY base /usr/bin
        COPY app /app
        CMD ["/usr/bin/ls"]
        """);
    var context = new BuildContext(directory);
    context.changeApp("one");
    return context;
  }

  Path base() {
    return directory.resolve("base");
  }

  Path app() {
    return directory.resolve("app");
  }

  /** Makes another application; the base stays as it is. */
  void changeApp(String version) throws IOException {
    Files.writeString(app().resolve("app.txt"), (version + " ").repeat(APP_BYTES / 4));
  }
}
