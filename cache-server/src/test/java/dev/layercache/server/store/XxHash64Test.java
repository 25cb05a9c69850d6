package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against values that the reference implementation gives; RocksDB checks the rest. */
class XxHash64Test {
  @ParameterizedTest
  @CsvSource({
    "'', ef46db3751d8e999",
    "a, d24ec4f1a98c6e5b",
    "abc, 44bc2cf5ad770999",
    "123456789, 8cb841db40e6ae83"
  })
  void hashesAsTheReferenceDoes(String text, String hash) {
    var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    assertThat(Long.toHexString(XxHash64.hash(bytes))).isEqualTo(hash);
    assertThat(bytes.remaining()).isEqualTo(text.length());
  }

  @Test
  void hashesTheSameInPieces() {
    var random = new Random(7);
    for (int round = 0; round < 200; round++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      var pieces = new XxHash64();
      for (int at = 0; at < bytes.length; ) {
        int length = 1 + random.nextInt(bytes.length - at);
        pieces.update(ByteBuffer.wrap(bytes, at, length));
        at += length;
      }
      assertThat(pieces.finish()).isEqualTo(XxHash64.hash(ByteBuffer.wrap(bytes)));
    }
  }
}
