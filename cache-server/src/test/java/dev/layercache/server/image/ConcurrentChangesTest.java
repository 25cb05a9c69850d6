package dev.layercache.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.layercache.oci.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class ConcurrentChangesTest {
  private static final int ROUNDS = 300;

  private final ImageFixture fixture = new ImageFixture();
  private final Images images = fixture.images;

  /** Whatever the order, a tag that is listed leads to a manifest, and one of those put. */
  @Test
  void tagNeverOutlivesItsManifest() throws Exception {
    byte[] one = fixture.image("one");
    byte[] two = fixture.image("two");
    Descriptor first = fixture.put("app", one);
    Descriptor second = fixture.put("app", two);

    for (int round = 0; round < ROUNDS; round++) {
      run(
          () -> fixture.put("app", one, "latest", "one"),
          () -> fixture.put("app", two, "latest"),
          () -> images.deleteManifest("app", first.digest()));

      for (String tag : fixture.tagNames("app")) {
        assertThat(images.resolve("app", tag).orElseThrow().descriptor()).isIn(first, second);
      }
    }
  }

  /** A deletion takes the tags of its own manifest only, however often they move meanwhile. */
  @Test
  void deletionDoesNotTakeATagThatMovedAway() throws Exception {
    byte[] one = fixture.image("one");
    byte[] two = fixture.image("two");
    Descriptor second = fixture.put("app", two);

    for (int round = 0; round < ROUNDS; round++) {
      Descriptor first = fixture.put("app", one, "latest");
      run(
          () -> fixture.put("app", two, "latest"),
          () -> images.deleteManifest("app", first.digest()));

      assertThat(images.resolve("app", "latest").orElseThrow().descriptor()).isEqualTo(second);
    }
  }

  private static void run(Callable<?>... actions) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (var action : List.of(actions)) {
        running.add(threads.submit(action));
      }
      for (var action : running) {
        action.get();
      }
    }
  }
}
