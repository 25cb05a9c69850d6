package dev.layercache.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DigestTest {
  /** FIPS 180-2, the hashes of "abc". */
  private static final String SHA256_OF_ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final String SHA512_OF_ABC =
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

  @Test
  void knownContentHasItsKnownDigest() {
    var sha512 = DigestAlgorithm.SHA512.newHash();
    sha512.update("abc".getBytes(UTF_8));

    assertThat(Digest.of("abc".getBytes(UTF_8))).hasToString("sha256:" + SHA256_OF_ABC);
    assertThat(Digest.of(DigestAlgorithm.SHA512, sha512)).hasToString("sha512:" + SHA512_OF_ABC);
    assertThat(Digest.EMPTY.hex())
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  @Test
  void bufferIsConsumedFromItsPosition() {
    var buffer = ByteBuffer.wrap("xabc".getBytes(UTF_8)).position(1);

    assertThat(Digest.of(buffer)).isEqualTo(Digest.sha256(SHA256_OF_ABC));
    assertThat(buffer.hasRemaining()).isFalse();
  }

  @Property
  void textAndBytesAreReadBack(@ForAll @Size(32) byte[] hash) {
    var digest = Digest.fromBytes(DigestAlgorithm.SHA256, hash);

    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
    assertThat(digest.bytes()).isEqualTo(hash);
  }

  @Property
  void orderIsThatOfAlgorithmThenHash(@ForAll @Size(32) byte[] one, @ForAll @Size(32) byte[] two) {
    var first = Digest.fromBytes(DigestAlgorithm.SHA256, one);
    var second = Digest.fromBytes(DigestAlgorithm.SHA256, two);

    assertThat(Integer.signum(first.compareTo(second)))
        .isEqualTo(Integer.signum(Arrays.compareUnsigned(one, two)));
    assertThat(first).isLessThan(new Digest(DigestAlgorithm.SHA512, "00".repeat(64)));
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("", "no colon"),
        Arguments.of(SHA256_OF_ABC, "no colon"),
        Arguments.of("sha256:", "0 characters (expected: 64"),
        Arguments.of("sha256:" + SHA512_OF_ABC, "128 characters (expected: 64"),
        Arguments.of("sha512:" + SHA256_OF_ABC, "64 characters (expected: 128"),
        Arguments.of("sha256:" + SHA256_OF_ABC.toUpperCase(Locale.ROOT), "position 0"),
        Arguments.of("sha256:" + "0".repeat(63) + "g", "position 63"),
        Arguments.of("sha256:" + "../".repeat(21) + "x", "position 0"),
        Arguments.of("md5:" + "0".repeat(32), "not supported"),
        Arguments.of("SHA256:" + SHA256_OF_ABC, "not supported"),
        Arguments.of(":" + SHA256_OF_ABC, "not supported"));
  }

  @ParameterizedTest
  @MethodSource("malformed")
  void malformedTextIsRefused(String text, String message) {
    assertThatThrownBy(() -> Digest.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void longTextIsCutInTheMessage() {
    for (String text : List.of("x".repeat(100_000), "sha256:" + "0".repeat(100_000))) {
      assertThatThrownBy(() -> Digest.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }
  }
}
