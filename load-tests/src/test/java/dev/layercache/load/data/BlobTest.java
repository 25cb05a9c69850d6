package dev.layercache.load.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class BlobTest {
  private static final int SIZE = 100_001;

  @ParameterizedTest
  @ValueSource(ints = {8, 64, 4096, 65_536})
  void theBytesAreTheSameInWhateverSteps(int step) {
    var blob = Blob.of(7, SIZE);
    var made = ByteBuffer.allocate(SIZE);
    var bytes = blob.bytes();
    while (made.hasRemaining()) {
      var next = made.slice(made.position(), Math.min(step, made.remaining()));
      bytes.fill(next);
      made.position(made.position() + next.limit());
    }
    assertThat(Digest.of(made.array())).isEqualTo(blob.digest());
    assertThat(blob.content()).isEqualTo(made.array());
  }

  @Test
  void theBytesDoNotCompress() throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(compressed)) {
      out.write(Blob.of(1, SIZE).content());
    }
    assertThat(compressed.size()).isGreaterThan(SIZE);
  }

  @Test
  void lettersCompressToAboutHalf() throws IOException {
    var compressed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(compressed)) {
      out.write(Blob.of(1, SIZE, Texture.LETTERS).content());
    }
    assertThat(compressed.size()).isBetween(SIZE * 4 / 10, SIZE * 6 / 10);
  }

  @Test
  void noTwoBlobsSharePages() {
    var pages = new HashSet<Digest>();
    for (var blob : new BlobFactory(1).make(20, 64 << 10)) {
      var content = ByteBuffer.wrap(blob.content());
      for (int page = 0; page < 16; page++) {
        assertThat(pages.add(Digest.of(content.slice(page << 12, 1 << 12)))).isTrue();
      }
    }
  }

  @Test
  void aFactoryIsRepeatableAndDoesNotRepeatItself() {
    var first = new BlobFactory(5);
    var again = new BlobFactory(5);
    assertThat(first.make(3, 10)).isEqualTo(again.make(3, 10));
    assertThat(first.make(10)).isEqualTo(again.make(10)).isNotEqualTo(again.make(10));
    assertThat(new BlobFactory(6).make(10)).isNotEqualTo(new BlobFactory(5).make(10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"4KiB", "256MiB", "1GiB", "1000B"})
  void sizesAreReadAndWritten(String text) {
    var size = new ByteSize.Converter().convert(text);
    assertThat(size.toString().replace(" ", "")).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0MiB", "-1", "4KB", "1.5GiB", "99999999999GiB"})
  void otherSizesAreRefused(String text) {
    assertThatThrownBy(() -> new ByteSize.Converter().convert(text))
        .isInstanceOf(TypeConversionException.class)
        .hasMessageContaining("expected");
  }
}
