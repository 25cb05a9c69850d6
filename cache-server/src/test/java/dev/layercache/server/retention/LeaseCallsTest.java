package dev.layercache.server.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.client.ClientOptions;
import dev.layercache.client.LayercacheClient;
import dev.layercache.client.LayercacheException;
import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.config.HostPort;
import dev.layercache.server.config.ServerConfig;
import dev.layercache.server.grpc.GrpcDoor;
import dev.layercache.server.grpc.RetentionService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases as a build asks for them: by the client library, over gRPC, with their limits. */
@Timeout(120)
class LeaseCallsTest {
  private static final int KIB = 1 << 10;
  private static final long BUDGET = 1_000 * KIB;

  @TempDir private Path directory;

  /** A store whose clock the test moves, behind the door. */
  private final class Running implements AutoCloseable {
    final RetentionFixture store =
        new RetentionFixture(directory.resolve("data"), BUDGET, List.of());
    private final GrpcDoor door;
    final LayercacheClient client;

    Running() throws IOException {
      var defaults = ServerConfig.DEFAULTS;
      var config =
          new ServerConfig(
              directory.resolve("data"),
              new ServerConfig.Grpc(new HostPort("127.0.0.1", 0)),
              defaults.http(),
              defaults.storage(),
              defaults.limits());
      var service = new RetentionService(store.retention, store.images);
      door = GrpcDoor.open(config, store.blobs, List.of(service));
      client = LayercacheClient.connect(ClientOptions.server(door.address().toString()));
    }

    boolean isThere(Descriptor blob) throws IOException {
      return store.blobs.stat(blob.digest()).isPresent();
    }

    @Override
    public void close() {
      client.close();
      door.close();
      store.close();
    }
  }

  @Test
  void aLeaseKeepsBlobsUntilItEndsAndSaysUntilWhen() throws Exception {
    try (var running = new Running()) {
      var f = running.store;
      var input = f.blob("input", 300 * KIB);
      var absent = Digest.of(new byte[] {1, 2, 3});
      var lease = running.client.lease(List.of(input.digest(), absent), Duration.ofHours(3));
      assertThat(lease.until()).isEqualTo(f.clock.instant().plus(Duration.ofHours(3)));
      assertThat(lease.missing()).containsExactly(absent);
      assertThat(running.client.pins().takenBytes()).isEqualTo(300 * KIB);

      f.hours(2);
      f.blob("pressure", 800 * KIB);
      f.evict();
      assertThat(running.isThere(input)).isTrue();
      var why = running.client.explain(input.digest());
      assertThat(why.leasedUntil()).contains(lease.until());

      f.hours(2);
      f.blob("more pressure", 300 * KIB);
      f.evict();
      assertThat(running.isThere(input)).isFalse();
      assertThat(running.client.explain(input.digest()).evicted()).isPresent();
      assertThat(running.client.pins().takenBytes()).isZero();
    }
  }

  @Test
  void askingAgainProlongsALeaseAndAShorterOneDoesNotCutIt() throws Exception {
    try (var running = new Running()) {
      var f = running.store;
      var input = List.of(f.blob("input", 10 * KIB).digest());
      running.client.lease(input, Duration.ofHours(1));
      var longer = running.client.lease(input, Duration.ofHours(5));
      running.client.lease(input, Duration.ofMinutes(1));
      assertThat(running.client.explain(input.getFirst()).leasedUntil()).contains(longer.until());
      assertThat(running.client.pins().takenBytes()).isEqualTo(10 * KIB);
    }
  }

  @Test
  void aLeaseIsCutToADay() throws Exception {
    try (var running = new Running()) {
      var f = running.store;
      var lease =
          running.client.lease(List.of(f.blob("input", 10 * KIB).digest()), Duration.ofDays(400));
      assertThat(lease.until()).isEqualTo(f.clock.instant().plus(Leases.MAX_LENGTH));
    }
  }

  @Test
  void leasesMayNotPassTheirShareAndTheRefusalSaysByHowMuch() throws Exception {
    try (var running = new Running()) {
      var f = running.store;
      var inputs = new ArrayList<Digest>();
      for (int i = 0; i < 3; i++) {
        inputs.add(f.blob("input " + i, 200 * KIB).digest());
      }
      assertThatThrownBy(() -> running.client.lease(inputs, Duration.ofHours(1)))
          .isInstanceOf(LayercacheException.class)
          .hasMessageContaining("%d too many".formatted(600 * KIB - BUDGET / 2))
          .extracting(e -> ((LayercacheException) e).kind())
          .isEqualTo(Kind.OUT_OF_SPACE);
      assertThat(running.client.pins().takenBytes()).isZero();
      assertThat(running.client.explain(inputs.getFirst()).leasedUntil()).isEmpty();
      running.client.lease(inputs.subList(0, 2), Duration.ofHours(1));
    }
  }

  @Test
  void tooManyDigestsAndNoTimeAreWrong() throws Exception {
    try (var running = new Running()) {
      var many = new ArrayList<Digest>();
      for (int i = 0; i <= Leases.MAX_PER_REQUEST; i++) {
        many.add(Digest.of(new byte[] {(byte) i, (byte) (i >> 8), (byte) (i >> 16)}));
      }
      requireInvalid(running, many, Duration.ofHours(1), "10001 digests (expected: at most 10000)");
      requireInvalid(running, many.subList(0, 1), Duration.ZERO, "expected: at least 1");
      var missing = running.client.lease(many.subList(1, many.size()), Duration.ofHours(1));
      assertThat(missing.missing()).hasSize(Leases.MAX_PER_REQUEST);
    }
  }

  private static void requireInvalid(
      Running running, List<Digest> digests, Duration length, String message) {
    assertThatThrownBy(() -> running.client.lease(digests, length))
        .isInstanceOf(LayercacheException.class)
        .hasMessageContaining(message)
        .extracting(e -> ((LayercacheException) e).kind())
        .isEqualTo(Kind.INVALID);
  }
}
