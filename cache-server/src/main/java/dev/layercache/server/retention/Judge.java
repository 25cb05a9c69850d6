package dev.layercache.server.retention;

import dev.layercache.server.blob.BlobEviction;
import dev.layercache.server.blob.UsePosition;
import dev.layercache.server.image.ImageGraph;
import dev.layercache.server.image.Images;
import dev.layercache.server.image.Tag;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Says of an image whether it is kept, and why. Thread-safe. */
final class Judge {
  private final RetentionRules rules;
  private final Pins pins;
  private final NewestTags newest;
  private final BlobEviction uses;
  private final Clock clock;

  Judge(RetentionRules rules, Pins pins, Images images, BlobEviction uses, Clock clock) {
    this.rules = rules;
    this.pins = pins;
    this.newest = new NewestTags(images, clock);
    this.uses = uses;
    this.clock = clock;
  }

  Verdict judge(ImageGraph.Image image) throws IOException {
    String repository = image.root().repository();
    var pinned = pins.on(repository, image.manifests());
    if (pinned.isPresent()) {
      return new Verdict.Kept(Verdict.Cause.PINNED, "pinned " + pinned.get().untilText());
    }
    var rule = rules.of(repository);
    var now = clock.instant();
    if (rule.maxIdle().isPresent() && isIdle(image, rule.maxIdle().get(), now)) {
      return new Verdict.Expired("not used for " + text(rule.maxIdle().get()) + " (maxIdle)");
    }
    var tags = image.allTags();
    var fresh =
        tags.stream()
            .filter(t -> rule.maxAge().isEmpty() || isYounger(t, rule.maxAge().get(), now))
            .toList();
    if (!tags.isEmpty() && fresh.isEmpty()) {
      return new Verdict.Expired(
          "its tags were pushed more than " + text(rule.maxAge().orElseThrow()) + " ago (maxAge)");
    }
    var keeping = keeping(repository, rule, fresh);
    if (keeping.isPresent()) {
      return new Verdict.Kept(
          Verdict.Cause.TAGGED,
          "tagged %s, which the rule for %s keeps"
              .formatted(keeping.get().name(), rule.repositories()));
    }
    return new Verdict.Evictable(
        tags.isEmpty()
            ? "no tag points to it"
            : "the rule for %s makes it evictable".formatted(rule.repositories()));
  }

  /** The hour in which any of its manifests was last used. */
  int lastUse(ImageGraph.Image image) throws IOException {
    int last = 0;
    for (var manifest : image.manifests()) {
      last = Math.max(last, uses.find(manifest).map(blob -> blob.position().hour()).orElse(0));
    }
    return last;
  }

  private Optional<Tag> keeping(String repository, RepositoryRule rule, List<Tag> fresh)
      throws IOException {
    if (rule.keepLast().isPresent()) {
      var since = newest.since(repository, rule.keepLast().getAsInt());
      return fresh.stream().filter(tag -> !tag.updated().isBefore(since)).findFirst();
    }
    return switch (rule.keep()) {
      case EVICTABLE -> Optional.empty();
      case WHILE_TAGGED -> fresh.stream().findFirst();
    };
  }

  private boolean isIdle(ImageGraph.Image image, Duration limit, Instant now) throws IOException {
    var lastUse = new UsePosition(lastUse(image), 0).since();
    return lastUse.plus(limit).isBefore(now);
  }

  private static boolean isYounger(Tag tag, Duration limit, Instant now) {
    return !tag.updated().plus(limit).isBefore(now);
  }

  private static String text(Duration duration) {
    return Durations.text(duration);
  }
}
