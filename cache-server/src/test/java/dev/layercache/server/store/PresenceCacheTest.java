package dev.layercache.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Digest;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PresenceCacheTest {

  @Test
  void remembersWhatWasStoredUntilItIsDeleted() {
    var cache = new PresenceCache(1024);
    cache.stored(digest(1), 0);
    cache.stored(digest(2), 7);
    assertThat(cache.size(digest(1))).hasValue(0);
    assertThat(cache.size(digest(2))).hasValue(7);
    assertThat(cache.size(digest(3))).isEmpty();
    cache.deleting(List.of(digest(2))).close();
    assertThat(cache.size(digest(2))).isEmpty();
  }

  @Test
  void aSlowReaderCannotBringBackWhatWasDeletedMeanwhile() {
    var cache = new PresenceCache(1024);
    long ticket = cache.ticket(digest(1));
    cache.deleting(List.of(digest(1))).close();
    cache.found(digest(1), 5, ticket);
    assertThat(cache.size(digest(1))).isEmpty();
    cache.found(digest(1), 5, cache.ticket(digest(1)));
    assertThat(cache.size(digest(1))).hasValue(5);
  }

  @Test
  void whileABlobIsBeingDeletedNothingIsSaidOfIt() {
    var cache = new PresenceCache(1024);
    cache.stored(digest(1), 5);
    long before = cache.ticket(digest(1));
    long during;
    try (var deletion = cache.deleting(List.of(digest(1)))) {
      assertThat(cache.size(digest(1))).isEmpty();
      during = cache.ticket(digest(1));
      cache.found(digest(1), 5, during);
      assertThat(cache.size(digest(1))).isEmpty();
    }
    cache.found(digest(1), 5, before);
    cache.found(digest(1), 5, during);
    assertThat(cache.size(digest(1))).isEmpty();
  }

  @Test
  void neverClaimsWhatIsNotThereHoweverFullItGets() {
    var cache = new PresenceCache(256);
    Map<Digest, Long> stored = new HashMap<>();
    var random = new SplittableRandom(7);
    int remembered = 0;
    for (int i = 0; i < 20_000; i++) {
      var digest = digest(random.nextInt(2_000));
      if (random.nextInt(3) == 0) {
        cache.deleting(List.of(digest)).close();
        stored.remove(digest);
      } else {
        cache.stored(digest, i);
        stored.put(digest, (long) i);
      }
      var probe = digest(random.nextInt(2_000));
      var found = cache.size(probe);
      if (found.isPresent()) {
        remembered++;
        assertThat(stored).containsEntry(probe, found.getAsLong());
      }
    }
    assertThat(remembered).isPositive();
  }

  private static Digest digest(int number) {
    return Digest.of(ByteBuffer.allocate(4).putInt(number).flip());
  }
}
