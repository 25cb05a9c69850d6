package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a command answered and printed. */
record CommandRun(int code, String out, String err) {

  static CommandRun of(String... args) {
    return of("", Optional.empty(), args);
  }

  static CommandRun of(String input, Optional<Integer> columns, String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    var streams =
        new Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(out),
            new PrintWriter(err),
            columns);
    int code = Main.run(streams, args);
    return new CommandRun(code, out.toString(), err.toString());
  }

  CommandRun succeeds() {
    assertThat(code).as("exit code, with on standard error: %s", err).isZero();
    return this;
  }

  /** The JSON object that is all of standard output. */
  JsonNode json() throws IOException {
    JsonNode node = new ObjectMapper().readTree(out);
    assertThat(node.isObject()).as(out).isTrue();
    assertThat(out.lines()).as("one object on one line").hasSize(1);
    return node;
  }
}
