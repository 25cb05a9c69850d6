package dev.layercache.server.retention;

import dev.layercache.server.image.Images;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Since when the newest tags of a repository were pushed. Remembers it for a minute: tags that are
 * pushed meanwhile are newer still. Thread-safe.
 */
final class NewestTags {
  private static final Duration FRESH = Duration.ofMinutes(1);
  private static final int MAX_REMEMBERED = 1_000;

  /** In a repository with more tags than this, all are taken for new. */
  private static final int MAX_TAGS = 200_000;

  private final Images images;
  private final Clock clock;
  private final Map<Key, Answer> remembered =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Answer> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  NewestTags(Images images, Clock clock) {
    this.images = images;
    this.clock = clock;
  }

  private record Key(String repository, int count) {}

  private record Answer(Instant since, Instant asOf) {}

  /** When the oldest of the {@code count} newest tags was pushed. */
  synchronized Instant since(String repository, int count) throws IOException {
    var key = new Key(repository, count);
    var now = clock.instant();
    var known = remembered.get(key);
    if (known == null || known.asOf().plus(FRESH).isBefore(now)) {
      known = new Answer(read(repository, count), now);
      remembered.put(key, known);
    }
    return known.since();
  }

  private Instant read(String repository, int count) throws IOException {
    var newest = new PriorityQueue<Instant>();
    String last = "";
    for (int seen = 0; seen < MAX_TAGS; seen += Images.MAX_PAGE) {
      var page = images.tags(repository, last, Images.MAX_PAGE);
      if (page.isEmpty()) {
        break;
      }
      for (var tag : page.get().items()) {
        newest.add(tag.updated());
        if (newest.size() > count) {
          newest.remove();
        }
      }
      if (page.get().next().isEmpty()) {
        return newest.size() < count ? Instant.MIN : newest.element();
      }
      last = page.get().next().get();
    }
    return Instant.MIN;
  }
}
