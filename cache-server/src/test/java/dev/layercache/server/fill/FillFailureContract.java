package dev.layercache.server.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.SampleBlob;
import dev.layercache.server.blob.Seeds;
import dev.layercache.server.blob.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Origins that break, lie or are away. */
interface FillFailureContract extends FillsUnderTest {
  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  default void aStreamThatBreaksIsOpenedAgainWhereItBroke(long seed) {
    Seeds.naming(
        seed,
        () -> {
          var random = new SplittableRandom(seed);
          var blob = SampleBlob.of(seed, 3 * MIB + random.nextInt(MIB));
          var breaks = new TreeSet<Long>();
          while (breaks.size() < 5) {
            breaks.add((long) random.nextInt(1, blob.size()));
          }
          origin().with(blob).breakingAt(List.copyOf(breaks));
          assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
          var expected = new ArrayList<>(List.of(0L));
          expected.addAll(breaks);
          assertThat(origin().opens()).isEqualTo(expected);
          assertThat(origin().bytes()).isEqualTo(blob.size());
          assertThat(fills().statistics().getFirst().resumed()).isEqualTo(5);
        });
  }

  @Test
  default void anOriginThatCannotResumeIsReadFromTheStart() throws IOException {
    var blob = SampleBlob.of(6, 2 * MIB);
    origin().with(blob).withoutResume().breakingAt(List.of(MIB + 5L));
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
    assertThat(origin().opens()).containsExactly(0L, MIB + 5L);
    assertThat(origin().bytes()).isEqualTo(blob.size() + MIB + 5);
  }

  @Test
  default void wrongBytesAreNeitherStoredNorServedWhole() throws IOException {
    for (int size : List.of(5, 100_000, 2 * MIB + 9)) {
      var blob = SampleBlob.of(size + 1, size);
      origin().withWrong(blob);
      var seen = new ByteArrayOutputStream();
      assertThatThrownBy(
              () -> {
                try (var reader =
                    fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
                  copy(reader, 10_000, seen);
                }
              })
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining(origin().name())
          .hasMessageContaining(blob.digest().toString())
          .hasMessageContaining("wrong bytes");
      assertThat(seen.size()).isLessThan(size);
      assertThat(store().stat(blob.digest())).isEmpty();
    }
    assertThat(fills().statistics().getFirst().wrongBytes()).isEqualTo(3);
    assertThat(store().usage().uploads()).isZero();
  }

  @Test
  default void anOriginThatCannotSayNowFailsAtOnceWithItsReason() throws IOException {
    var blob = SampleBlob.of(10, 1000);
    var away = new UnavailableException("origin.test is away", Duration.ofSeconds(17));
    origin().with(blob).refuse(Optional.of(away));
    assertThatThrownBy(() -> fills().open(blob.digest(), ByteRange.ALL, origin())).isSameAs(away);
    assertThat(origin().opens()).hasSize(1);
    origin().refuse(Optional.empty());
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
  }

  @Test
  default void anOriginThatBreaksEveryTimeIsGivenUp() throws IOException {
    var blob = SampleBlob.of(11, 3 * MIB);
    origin().with(blob).refuse(Optional.of(new IOException("connection refused")));
    assertThatThrownBy(() -> fills().open(blob.digest(), ByteRange.ALL, origin()))
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining(origin().name())
        .hasMessageContaining("connection refused");
    assertThat(origin().opens()).hasSize(2);
  }

  @Test
  default void readersOfAFillThatIsGivenUpAreToldWhyAndALaterFillGoesOn() throws IOException {
    var blob = SampleBlob.of(12, 4 * MIB);
    origin().with(blob).gated().allow(2048);
    try (var reader = fills().open(blob.digest(), ByteRange.ALL, origin()).orElseThrow()) {
      assertThat(reader.read(ByteBuffer.allocate(MIB))).isEqualTo(MIB);
      origin().refuse(Optional.of(new UnavailableException("the breaker is open")));
      origin().breakOpenStreams();
      assertThatThrownBy(() -> drain(reader, 100_000))
          .isInstanceOf(UnavailableException.class)
          .hasMessageContaining("breaker");
    }
    origin().refuse(Optional.empty());
    origin().allowAll();
    assertThat(read(blob, ByteRange.ALL)).isEqualTo(blob.bytes());
    assertThat(origin().bytes()).as("nothing was sent twice").isEqualTo(blob.size());
  }

  @Test
  default void theNextOriginIsAskedWhenOneCannotGiveTheBlob() throws Exception {
    var blob = SampleBlob.of(13, 2 * MIB);
    var other = new TestOrigin("other.test/base").with(blob);
    origin().gated();
    try (var first = fills().prefetch(blob.digest(), origin().with(blob));
        var second = fills().prefetch(blob.digest(), other)) {
      origin().refuse(Optional.of(new UnavailableException("away")));
      origin().breakOpenStreams();
      assertThat(first.await()).isPresent();
      assertThat(second.await()).isPresent();
    }
    assertThat(other.opens()).hasSize(1);
  }
}
