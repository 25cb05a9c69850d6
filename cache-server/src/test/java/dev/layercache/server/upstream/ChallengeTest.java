package dev.layercache.server.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChallengeTest {

  @Test
  void bearerIsChosenBeforeBasic() {
    var challenge =
        Challenge.choose(
            List.of(
                "Basic realm=\"x\"",
                "Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"a,b\"",
                "Negotiate"));
    assertThat(challenge).isPresent();
    assertThat(challenge.orElseThrow().scheme()).isEqualTo("bearer");
    assertThat(challenge.orElseThrow().realm()).contains("https://auth.example/token");
    assertThat(challenge.orElseThrow().service()).contains("registry");
  }

  @Test
  void quotesEscapesAndBareValuesAreRead() {
    var challenge = Challenge.choose(List.of("bearer REALM=http://a/b, service=\"a \\\"b\\\"\" "));
    assertThat(challenge.orElseThrow().realm()).contains("http://a/b");
    assertThat(challenge.orElseThrow().service()).contains("a \"b\"");
  }

  @Test
  void unknownSchemesAndEndlessLinesAreNotMet() {
    assertThat(Challenge.choose(List.of("Digest realm=\"x\"", ""))).isEmpty();
    assertThat(Challenge.choose(List.of("Bearer realm=\"" + "x".repeat(5000) + '"'))).isEmpty();
    assertThat(Challenge.choose(List.of("Bearer " + "\"\\".repeat(2000)))).isPresent();
  }
}
