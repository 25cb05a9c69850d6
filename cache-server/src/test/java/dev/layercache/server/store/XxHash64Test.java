package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    assertThat(Long.toHexString(new XxHash64().update(bytes).finish())).isEqualTo(hash);
    assertThat(bytes.remaining()).isEqualTo(text.length());
  }
}
