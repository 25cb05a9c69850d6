package dev.layercache.server.blob;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/** Any sequence of operations leaves the store as a simple model says. */
interface BlobHistoryContract extends BlobStoreUnderTest {

  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  default void anyHistoryEqualsThatOfAModel(long seed) {
    var history = new BlobHistory(this, seed);
    Seeds.naming(
        seed,
        () -> {
          for (int step = 0; step < 250; step++) {
            history.step();
          }
          history.checkAll();
        });
  }
}
