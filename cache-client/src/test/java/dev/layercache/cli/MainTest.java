package dev.layercache.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
  private static final List<String> COMMANDS =
      List.of(
          "push", "pull", "missing", "images", "tags", "inspect", "rm", "uploads", "stats",
          "setup");

  @Test
  void helpListsEveryCommand() {
    var run = CommandRun.of("--help").succeeds();

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("Usage: layercache", "Examples:");
    assertThat(run.out().lines().filter(line -> line.matches("  [a-z]+ +[A-Z].*")))
        .extracting(line -> line.strip().split(" ")[0])
        .containsAll(COMMANDS);
  }

  @Test
  void everyCommandHasHelpWithExamplesThatFitsTheScreen() {
    for (String command : COMMANDS) {
      var run = CommandRun.of(command, "--help").succeeds();
      assertThat(run.out()).contains("Usage: layercache " + command, "Examples:", "--json");
      assertThat(run.out().lines())
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }
  }

  @Test
  void anUnknownCommandIsNamedAndASimilarOneSuggested() {
    var run = CommandRun.of("psuh", "oci:x", "app");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .contains("unknown command: 'psuh'", "Did you mean 'push'?", "Try 'layercache --help'");
  }

  @Test
  void noCommandIsWrongUsage() {
    var run = CommandRun.of();

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("no command was given").contains("layercache --help");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "push oci:x                        | NAME[:TAG]",
        "push nowhere app:v1               | (expected: oci:DIR[:TAG], oci-archive:FILE[:TAG] or",
        "push oci:x UPPER                  | repository name: 'UPPER' (expected: lower-case",
        "push oci:x app:v1 --server here   | server address: 'here' (expected: HOST:PORT)",
        "push oci:x app:v1 --sever a:1     | Possible solutions: --server",
        "pull app:v1 oci:x --platform amd64| platform: 'amd64' (expected: os/arch[/variant])",
        "rm app                            | tag to remove: 'app' (expected: NAME:TAG)",
        "tags app:v1                       | repository: 'app:v1' (expected: NAME, without a tag)",
        "inspect app:-                     | tag: '-' (expected: ",
        "setup rkt                         | client: 'rkt' (expected: docker, containerd, podman or buildkit)",
        "setup docker --http here          | HTTP address: 'here' (expected: HOST:PORT)",
      })
  void wrongUsageSaysWhatWasGivenAndExpected(String line, String message) {
    var run = CommandRun.of(line.strip().split(" +"));

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(message).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"psuh", "rm app", "images --server localhost:1"})
  void aFailureIsOneJsonObjectToo(String line) throws IOException {
    var run = CommandRun.of((line + " --json").split(" "));

    assertThat(run.code()).isBetween(1, 2);
    assertThat(run.json().path("error").asText()).isNotEmpty();
    assertThat(run.err()).contains(run.json().path("error").asText());
  }

  @Test
  void aServerThatIsNotThereIsNamed() {
    var run = CommandRun.of("stats", "--server", "127.0.0.1:1");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("127.0.0.1:1").doesNotContain("\tat ");
    assertThat(run.err().lines()).hasSize(1);
  }

  @Test
  void verboseShowsTheStackTrace() {
    var run = CommandRun.of("push", "oci:/does/not/exist", "app:v1", "--verbose");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("/does/not/exist does not exist", "\tat dev.layercache");
  }

  @Test
  void theVersionIsPrinted() {
    assertThat(CommandRun.of("--version").succeeds().out()).contains("layercache ", "Java ");
  }

  @Test
  void theColumnsOfTheTerminalDoNotChangeResults() {
    assertThat(CommandRun.of("", Optional.of(80), "setup", "docker"))
        .isEqualTo(CommandRun.of("setup", "docker"));
  }
}
