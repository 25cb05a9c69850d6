package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.blob.Seeds;
import dev.layercache.server.image.ImageGraph.Node;
import dev.layercache.server.image.ManifestJson;
import dev.layercache.server.image.MissingBlobsException;
import dev.layercache.server.retention.RepositoryRule.Keep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Long sequences of pushes, tag moves, deletions, pins, leases, uses, restarts and evictions. After
 * each step every manifest has all its blobs, and what must be kept is there; after each eviction
 * the store is below its budget, or says why not.
 */
class RetentionModelTest {
  private static final int KIB = 1 << 10;
  private static final long LIMIT = 900 * KIB;
  private static final int STEPS = 150;
  private static final List<String> REPOSITORIES = List.of("cache/a", "cache/b", "team/app");

  @TempDir private Path directory;

  /** What the test knows of the store. */
  private static final class Model {
    /** Repository and tag to the manifest. */
    final Map<String, Digest> tags = new HashMap<>();

    final Map<Node, Instant> pins = new HashMap<>();
    final Map<Digest, Instant> leases = new HashMap<>();

    /** When a client was last told that a blob is there. */
    final Map<Digest, Instant> told = new HashMap<>();

    final List<Node> pushed = new ArrayList<>();
    final Set<Digest> loose = new HashSet<>();
  }

  @ParameterizedTest
  @ArgumentsSource(Seeds.class)
  void imagesAreWholeAndTheBudgetHoldsAfterEveryStep(long seed) {
    Seeds.naming(
        seed,
        () -> {
          var random = new Random(seed);
          var model = new Model();
          var rules = List.of(RepositoryRule.of("cache/**", Keep.EVICTABLE));
          try (var f = new RetentionFixture(directory.resolve("data" + seed), LIMIT, rules)) {
            for (int step = 0; step < STEPS; step++) {
              String did = step(f, model, random);
              check(f, model, "step %d: %s".formatted(step, did));
            }
          }
        });
  }

  private static String step(RetentionFixture f, Model model, Random random) throws IOException {
    int kind = random.nextInt(100);
    if (kind < 25) {
      return push(f, model, random);
    }
    if (kind < 31) {
      return pushIndex(f, model, random);
    }
    if (kind < 40) {
      var blob = f.blob("loose " + random.nextInt(6), (1 + random.nextInt(4)) * 20 * KIB);
      model.loose.add(blob.digest());
      model.told.put(blob.digest(), f.clock.instant());
      return "loose blob";
    }
    if (kind < 50) {
      return use(f, model, random);
    }
    if (kind < 56) {
      return deleteTag(f, model, random);
    }
    if (kind < 60) {
      return pin(f, model, random);
    }
    if (kind < 63) {
      return lease(f, model, random);
    }
    if (kind < 65) {
      f.restart();
      return "restart";
    }
    if (kind < 85) {
      f.clock.advance(Duration.ofMinutes(1 + random.nextInt(180)));
      return "time passes";
    }
    f.evict();
    boolean below = f.blobs.usage().bytes() <= LIMIT * 0.9;
    assertThat(below || f.budget.exhausted.isPresent())
        .as("%d bytes of %d, %s", f.blobs.usage().bytes(), LIMIT, f.budget.exhausted)
        .isTrue();
    return "evict";
  }

  private static String push(RetentionFixture f, Model model, Random random) throws IOException {
    String repository = REPOSITORIES.get(random.nextInt(REPOSITORIES.size()));
    var layers = new Descriptor[1 + random.nextInt(3)];
    for (int i = 0; i < layers.length; i++) {
      int content = random.nextInt(12);
      layers[i] = f.blob("layer " + content, (1 + content) * 8 * KIB);
      model.told.put(layers[i].digest(), f.clock.instant());
    }
    String name = "image " + random.nextInt(20);
    String tag = "t" + random.nextInt(4);
    boolean tagged = random.nextInt(4) > 0;
    var manifest =
        tagged
            ? f.put(repository, f.manifest(name, layers), tag)
            : f.put(repository, f.manifest(name, layers));
    pushed(f, model, new Node(repository, manifest.digest()), tagged, tag);
    return "push " + repository + ":" + tag;
  }

  private static String pushIndex(RetentionFixture f, Model model, Random random)
      throws IOException {
    if (model.pushed.isEmpty()) {
      return "no index";
    }
    var first = model.pushed.get(random.nextInt(model.pushed.size()));
    var same =
        model.pushed.stream().filter(n -> n.repository().equals(first.repository())).toList();
    var second = same.get(random.nextInt(same.size()));
    try {
      var manifests = new ArrayList<Descriptor>();
      for (var node : new LinkedHashSet<>(List.of(first, second))) {
        var found = f.images.resolve(node.repository(), node.digest().toString());
        if (found.isEmpty()) {
          return "index of what is gone";
        }
        manifests.add(found.get().descriptor());
      }
      var json = ManifestJson.index(manifests.toArray(Descriptor[]::new)).bytes();
      var index = f.put(first.repository(), json, "multi");
      pushed(f, model, new Node(first.repository(), index.digest()), true, "multi");
    } catch (MissingBlobsException e) {
      throw new AssertionError("resolved a moment ago: " + e.getMessage(), e);
    }
    return "push index";
  }

  private static void pushed(
      RetentionFixture f, Model model, Node node, boolean tagged, String tag) {
    model.pushed.add(node);
    model.told.put(node.digest(), f.clock.instant());
    if (tagged) {
      model.tags.put(node.repository() + ":" + tag, node.digest());
    }
  }

  private static String use(RetentionFixture f, Model model, Random random) throws IOException {
    if (!model.pushed.isEmpty() && random.nextBoolean()) {
      var node = model.pushed.get(random.nextInt(model.pushed.size()));
      f.images.resolve(node.repository(), node.digest().toString());
      return "use image";
    }
    for (var digest : model.loose) {
      if (f.blobs.findMissing(List.of(digest)).isEmpty()) {
        model.told.put(digest, f.clock.instant());
      }
    }
    return "use loose blobs";
  }

  private static String deleteTag(RetentionFixture f, Model model, Random random)
      throws IOException {
    if (model.tags.isEmpty()) {
      return "no tag";
    }
    var names = new ArrayList<>(model.tags.keySet());
    String name = names.get(random.nextInt(names.size()));
    int colon = name.indexOf(':');
    f.images.deleteTag(name.substring(0, colon), name.substring(colon + 1));
    model.tags.remove(name);
    return "delete " + name;
  }

  private static String pin(RetentionFixture f, Model model, Random random) throws IOException {
    if (model.pushed.isEmpty()) {
      return "no pin";
    }
    var node = model.pushed.get(random.nextInt(model.pushed.size()));
    String digest = node.digest().toString();
    if (random.nextBoolean()) {
      f.retention.pins().unpin(node.repository(), digest);
      model.pins.remove(node);
      return "unpin";
    }
    var length = Duration.ofHours(1 + random.nextInt(10));
    try {
      if (f.retention.pins().pin(node.repository(), digest, Optional.of(length)).isPresent()) {
        model.pins.put(node, f.clock.instant().plus(length));
      }
    } catch (PinLimitException e) {
      assertThat(e).hasMessageContaining("too many");
      return "pin refused";
    }
    return "pin";
  }

  private static String lease(RetentionFixture f, Model model, Random random) throws IOException {
    if (model.loose.isEmpty()) {
      return "no lease";
    }
    var digest = List.copyOf(model.loose).get(random.nextInt(model.loose.size()));
    try {
      var granted =
          f.retention.leases().lease(List.of(digest), Duration.ofHours(1 + random.nextInt(6)));
      if (granted.missing().isEmpty()) {
        model.leases.merge(digest, granted.until(), (a, b) -> a.isAfter(b) ? a : b);
      }
    } catch (PinLimitException e) {
      assertThat(e).hasMessageContaining("too many");
      return "lease refused";
    }
    return "lease";
  }

  private static void check(RetentionFixture f, Model model, String step) throws IOException {
    assertThat(f.broken()).as(step).isEmpty();
    var now = f.clock.instant();
    for (var tag : model.tags.entrySet()) {
      if (tag.getKey().startsWith("team/")) {
        String name = tag.getKey().substring(tag.getKey().indexOf(':') + 1);
        assertThat(f.images.tagged("team/app", name)).as(step).contains(tag.getValue());
      }
    }
    for (var pin : model.pins.entrySet()) {
      if (pin.getValue().isAfter(now)) {
        assertThat(f.images.graph().image(pin.getKey())).as(step + ", pinned").isPresent();
      }
    }
    for (var lease : model.leases.entrySet()) {
      if (lease.getValue().isAfter(now)) {
        assertThat(f.blobs.stat(lease.getKey())).as(step + ", leased").isPresent();
      }
    }
    for (var told : model.told.entrySet()) {
      if (told.getValue().plus(RetentionFixture.GRACE).isAfter(now)) {
        assertThat(f.blobs.stat(told.getKey())).as(step + ", within the grace").isPresent();
      }
    }
  }
}
