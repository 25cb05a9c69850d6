package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules by repository, pins, leases, and what people are told. */
class RulesTest {
  private static final int KIB = 1 << 10;

  @TempDir private Path directory;

  private RetentionFixture open(long limit, RepositoryRule... rules) throws IOException {
    return new RetentionFixture(directory.resolve("data"), limit, List.of(rules));
  }

  private static RepositoryRule rule(
      Keep keep, OptionalInt keepLast, Optional<Duration> maxAge, Optional<Duration> maxIdle) {
    return new RepositoryRule("ci/*", keep, keepLast, maxAge, maxIdle, Optional.empty());
  }

  @Test
  void aPatternCoversComponentsOrEverything() {
    assertThat(RepositoryRule.of("ci/*", Keep.EVICTABLE).covers("ci/app")).isTrue();
    assertThat(RepositoryRule.of("ci/*", Keep.EVICTABLE).covers("ci/app/x")).isFalse();
    assertThat(RepositoryRule.of("ci/**", Keep.EVICTABLE).covers("ci/app/x")).isTrue();
    assertThat(RepositoryRule.of("ci.x", Keep.EVICTABLE).covers("ciax")).isFalse();
  }

  @Test
  void keepLastKeepsTheTagsThatWerePushedLast() throws IOException {
    var two = rule(Keep.WHILE_TAGGED, OptionalInt.of(2), Optional.empty(), Optional.empty());
    try (var f = open(300 * KIB, two)) {
      for (int i = 1; i <= 4; i++) {
        f.push("ci/app", "v" + i, 100 * KIB);
        f.hours(1);
      }
      f.evict();
      assertThat(f.isThere("ci/app", "v1")).isFalse();
      assertThat(f.isThere("ci/app", "v2")).isFalse();
      assertThat(f.isThere("ci/app", "v3")).isTrue();
      assertThat(f.isThere("ci/app", "v4")).isTrue();
    }
  }

  @Test
  void whatIsIdleOrOldGoesEvenWhenThereIsRoom() throws IOException {
    var rule =
        rule(
            Keep.WHILE_TAGGED,
            OptionalInt.empty(),
            Optional.of(Duration.ofDays(3)),
            Optional.of(Duration.ofDays(1)));
    try (var f = open(1L << 30, rule)) {
      f.push("ci/app", "idle", 10 * KIB);
      f.push("ci/app", "used", 10 * KIB);
      f.push("team/app", "idle", 10 * KIB);
      f.hours(20);
      assertThat(f.isThere("ci/app", "used")).isTrue();
      f.hours(20);
      f.evict();
      assertThat(f.isThere("ci/app", "idle")).isFalse();
      assertThat(f.isThere("ci/app", "used")).isTrue();
      f.hours(20);
      assertThat(f.isThere("ci/app", "used")).isTrue();
      f.hours(20);
      f.evict();
      assertThat(f.isThere("ci/app", "used")).isFalse();
      assertThat(f.isThere("team/app", "idle")).isTrue();
      var gone = f.retention.history().of("ci/app", "used");
      assertThat(gone).get().extracting(Eviction::reason).asString().contains("maxAge");
    }
  }

  @Test
  void aPinnedImageStaysUntilThePinEnds() throws IOException {
    try (var f = open(500 * KIB, RepositoryRule.of("**", Keep.EVICTABLE))) {
      f.push("app", "pinned", 200 * KIB);
      var pin = f.retention.pins().pin("app", "pinned", Optional.of(Duration.ofHours(5)));
      assertThat(pin).get().extracting(Pin::bytes).isEqualTo(f.blobs.usage().bytes());
      f.hours(2);
      f.push("app", "other", 300 * KIB);
      f.restart();
      f.hours(2);
      f.evict();
      assertThat(f.isThere("app", "pinned")).isTrue();
      assertThat(f.isThere("app", "other")).isFalse();
      f.hours(3);
      f.push("app", "third", 300 * KIB);
      f.hours(1);
      f.evict();
      assertThat(f.isThere("app", "pinned")).isFalse();
      assertThat(f.retention.pins().list()).isEmpty();
      assertThat(f.retention.pinnedBytes()).isZero();
    }
  }

  @Test
  void pinsMayNotTakeMoreThanTheirShare() throws IOException {
    try (var f = open(500 * KIB)) {
      f.push("app", "large", 300 * KIB);
      assertThatThrownBy(() -> f.retention.pins().pin("app", "large", Optional.empty()))
          .isInstanceOf(PinLimitException.class)
          .hasMessageContaining("of the 256000 bytes")
          .hasMessageContaining("too many");
      assertThat(f.retention.pins().list()).isEmpty();
      assertThat(f.retention.pins().pin("app", "absent", Optional.empty())).isEmpty();
    }
  }

  @Test
  void aLeasedBlobStaysUntilTheLeaseEnds() throws IOException {
    try (var f = open(500 * KIB)) {
      var leased = f.blob("leased", 200 * KIB).digest();
      var absent = dev.layercache.oci.Digest.of(new byte[] {1, 2, 3});
      var granted = f.retention.leases().lease(List.of(leased, absent), Duration.ofHours(3));
      assertThat(granted.until()).isEqualTo(f.clock.instant().plus(Duration.ofHours(3)));
      assertThat(granted.missing()).containsExactly(absent);
      f.hours(2);
      f.blob("other", 300 * KIB);
      f.restart();
      f.evict();
      assertThat(f.blobs.stat(leased)).isPresent();
      assertThat(f.retention.explainer().explain(leased).leasedUntil()).contains(granted.until());
      f.hours(2);
      f.evict();
      assertThat(f.blobs.stat(leased)).isEmpty();
      assertThat(f.retention.pinnedBytes()).isZero();
    }
  }

  @Test
  void whyTellsWhatKeepsABlobAndWhenItWent() throws IOException {
    try (var f = open(500 * KIB, RepositoryRule.of("cache", Keep.EVICTABLE))) {
      var shared = f.blob("shared", 100 * KIB);
      f.put("cache", f.manifest("one", shared), "one");
      f.put("team", f.manifest("two", shared), "two");
      var known = f.retention.explainer().explain(shared.digest());
      assertThat(known.imageCount()).isEqualTo(2);
      assertThat(known.outlook()).contains("stays with team@").contains("tagged two");
      f.hours(1);
      var gone = f.push("cache", "big", 350 * KIB).digest();
      f.hours(2);
      f.evict();
      assertThat(f.isThere("cache", "big")).isFalse();
      var why = f.retention.explainer().explain(gone);
      assertThat(why.bytes()).isEmpty();
      assertThat(why.evicted())
          .get()
          .satisfies(
              e -> {
                assertThat(e.tags()).containsExactly("big");
                assertThat(e.reason()).contains("room was needed");
              });
    }
  }

  @Test
  void thePlanIsWhatGoesNext() throws IOException {
    try (var f = open(500 * KIB, RepositoryRule.of("**", Keep.EVICTABLE))) {
      f.push("app", "first", 200 * KIB);
      f.hours(2);
      f.push("app", "second", 200 * KIB);
      f.hours(2);
      var plan = f.retention.plan().plan(100 * KIB);
      assertThat(plan.items()).hasSize(1);
      assertThat(plan.items().getFirst().tags()).containsExactly("first");
      assertThat(plan.enough()).isTrue();
      assertThat(f.isThere("app", "first")).isTrue();
    }
  }

  @Test
  void diskUsageTellsSharedFromExclusive() throws IOException {
    try (var f = open(1 << 30)) {
      var shared = f.blob("shared", 100 * KIB);
      f.put("a", f.manifest("one", shared, f.blob("own one", 50 * KIB)), "one");
      f.put("b", f.manifest("two", shared, f.blob("own two", 20 * KIB)), "two");
      f.blob("loose", 30 * KIB);
      var report = f.retention.usage().report(Optional.empty(), true);
      assertThat(report.repositories())
          .extracting(DiskUsage.Repository::name)
          .containsExactly("a", "b");
      var a = report.repositories().getFirst();
      assertThat(a.bytes() - a.exclusiveBytes()).isEqualTo(100 * KIB);
      assertThat(report.images()).hasSize(2);
      assertThat(report.blobBytes() - report.imageBytes()).isEqualTo(30 * KIB);
      var only = f.retention.usage().report(Optional.of("b"), false);
      assertThat(only.repositories()).hasSize(1);
    }
  }

  @Test
  void theHistoryIsBounded() throws IOException {
    try (var f = open(1 << 30)) {
      var history = new EvictionHistory(f.store.metadata(), 3);
      for (int i = 0; i < 10; i++) {
        history.add(List.of(eviction(i)));
      }
      assertThat(history.newest(100)).extracting(Eviction::bytes).containsExactly(9L, 8L, 7L);
      assertThat(history.of(eviction(9).digest())).isPresent();
      assertThat(history.of(eviction(6).digest())).isEmpty();
      assertThat(history.of("app", "t6")).isEmpty();
      var again = new EvictionHistory(f.store.metadata(), 3);
      assertThat(again.of("app", "t8")).isPresent();
    }
  }

  private static Eviction eviction(int number) {
    return new Eviction(
        dev.layercache.oci.Digest.of(new byte[] {(byte) number}),
        Optional.of("app"),
        List.of("t" + number),
        1,
        number,
        java.time.Instant.EPOCH,
        java.time.Instant.EPOCH,
        "test");
  }
}
