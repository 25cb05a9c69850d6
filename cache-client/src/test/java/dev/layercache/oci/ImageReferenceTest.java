package dev.layercache.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST =
      "sha256:abababababababababababababababababababababababababababababababab";

  @Provide
  Arbitrary<ImageReference> references() {
    var word = Arbitraries.strings().withChars("az09").ofMinLength(1).ofMaxLength(5);
    var separator = Arbitraries.of(".", "_", "__", "-", "---", "/");
    var repository =
        Combinators.combine(word, separator, word, separator, word)
            .as((a, s, b, t, c) -> a + s + b + t + c);
    var tag =
        Arbitraries.strings()
            .withChars("aZ09_.-")
            .ofMinLength(1)
            .ofMaxLength(128)
            .filter(ImageReference::isTag)
            .optional();
    var digest = Arbitraries.of(Digest.EMPTY, Digest.parse(DIGEST)).optional();
    return Combinators.combine(repository, tag, digest).as(ImageReference::new);
  }

  @Property
  void textIsReadBack(@ForAll("references") ImageReference reference) {
    assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
  }

  /** Whatever comes in, it is read or refused, and what was read is written as it came. */
  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    try {
      assertThat(ImageReference.parse(text)).hasToString(text);
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("expected");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "debian, debian, , ",
    "library/debian:bookworm, library/debian, bookworm, ",
    "a/b/c:1.2, a/b/c, 1.2, ",
    "debian@" + DIGEST + ", debian, , " + DIGEST,
    "debian:sid@" + DIGEST + ", debian, sid, " + DIGEST
  })
  void partsAreFound(String text, String repository, String tag, String digest) {
    var reference = ImageReference.parse(text);

    assertThat(reference)
        .isEqualTo(
            new ImageReference(
                repository,
                Optional.ofNullable(tag),
                Optional.ofNullable(digest).map(Digest::parse)));
  }

  @Test
  void manifestIsNamedByDigestThenTagThenLatest() {
    assertThat(ImageReference.parse("a:b@" + DIGEST).manifestReference()).isEqualTo(DIGEST);
    assertThat(ImageReference.parse("a:b").manifestReference()).isEqualTo("b");
    assertThat(ImageReference.parse("a").manifestReference()).isEqualTo("latest");
    assertThat(ImageReference.parse("a").tagOrDefault()).isEqualTo("latest");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":x",
        "@x",
        "A",
        "a//b",
        "/a",
        "a/",
        "a..b",
        "a___b",
        "-a",
        "a-",
        "a/../b",
        "a b",
        "ä",
        "a%2fb",
        "a\0b",
        "localhost:5000/a",
        "a:",
        "a:.x",
        "a:-x",
        "a:x y",
        "a:x:y",
        "a@sha256:00",
        "a@" + DIGEST + "@" + DIGEST
      })
  void malformedTextIsRefused(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void lengthsAreBounded() {
    assertThat(ImageReference.isRepository("a".repeat(255))).isTrue();
    assertThat(ImageReference.isRepository("a".repeat(256))).isFalse();
    assertThat(ImageReference.isTag("a".repeat(128))).isTrue();
    assertThat(ImageReference.isTag("a".repeat(129))).isFalse();
    assertThatThrownBy(() -> ImageReference.requireRepository("a".repeat(1_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000000 characters");
    assertThatThrownBy(() -> ImageReference.requireTag("a".repeat(1_000_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1000000 characters");
  }
}
