package dev.layercache.server.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.layercache.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The files that {@code layercache setup} says to write, below a directory instead of the root, so
 * that a client can be run with exactly what was printed.
 */
record Setup(Path root) {

  static Setup write(String client, String address, Path root) throws IOException {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        Main.run(
            new PrintWriter(out),
            new PrintWriter(err),
            "setup",
            client,
            "--http",
            address,
            "--json");
    assertThat(code).as(err.toString()).isZero();
    for (var step : new ObjectMapper().readTree(out.toString()).path("steps")) {
      String file = step.path("file").asText();
      if (!file.isEmpty()) {
        Path here = root.resolve(file.substring(1));
        Files.createDirectories(here.getParent());
        Files.writeString(here, step.path("content").asText());
      }
    }
    return new Setup(root);
  }

  /** Where a file is that is meant for {@code path}. */
  String path(String path) {
    Path here = root.resolve(path.substring(1));
    assertThat(here).exists();
    return here.toString();
  }
}
