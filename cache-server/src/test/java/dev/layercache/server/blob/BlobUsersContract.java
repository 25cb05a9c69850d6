package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Three users of the interfaces as the registry door, the mirror and eviction will be, reduced to
 * what they ask of a store: none needs a staging file of its own.
 */
interface BlobUsersContract extends BlobStoreUnderTest {

  /** The registry door: every request carries one chunk and knows only the upload's name. */
  @Test
  default void aChunkedPushGoesOnAfterARestart() throws IOException {
    assumeTrue(durable());
    var layer = SampleBlob.of(140, 5 * MIB + 1);
    var location = startPush();
    long acknowledged = 0;
    for (int request = 0; request < 3; request++) {
      acknowledged = patch(location, layer, acknowledged);
    }
    reopen();
    long offset = store().status(location).orElseThrow().position();
    assertThat(offset).isLessThanOrEqualTo(acknowledged);
    while (offset < layer.size()) {
      offset = patch(location, layer, offset);
    }
    try (var upload = store().resume(location).orElseThrow()) {
      upload.commit(layer.digest());
    }
    assertThat(BlobReads.read(store(), layer.digest())).hasValue(layer.bytes());
  }

  /** The mirror: a client reads a layer while it is still being fetched for another. */
  @Test
  default void aMirrorClientFollowsTheFillOfAnother() throws Exception {
    var layer = SampleBlob.of(141, 3 * MIB + 5);
    var fillHasMore = new CountDownLatch(1);
    try (var fill = store().begin(UploadHint.of(layer.digest(), layer.size()));
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      layer.writeUpTo(MIB + 1, fill);
      var client =
          executor.submit(
              () -> {
                var patience = Duration.ofSeconds(30);
                try (var body = store().follow(fill.id(), 0, patience).orElseThrow()) {
                  var start = BlobReads.exactly(MIB, body);
                  fillHasMore.countDown();
                  var rest = BlobReads.exactly(layer.size() - MIB, body);
                  assertThat(body.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                  return ByteBuffer.allocate(layer.size()).put(start).put(rest).array();
                }
              });
      if (!fillHasMore.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the client read " + Concurrently.get(client).length + " bytes");
      }
      layer.writeUpTo(layer.size(), fill);
      fill.commit(layer.digest());
      assertThat(Concurrently.get(client)).isEqualTo(layer.bytes());
    }
  }

  /** Eviction: frees a layer while a client is in the middle of it. */
  @Test
  default void aPullIsNotDisturbedByEviction() throws IOException {
    var layer = SampleBlob.of(142, 3 * MIB + 5);
    layer.putInto(store());
    try (var body = store().open(layer.digest(), ByteRange.ALL).orElseThrow()) {
      var start = BlobReads.exactly(MIB, body);
      assertThat(store().delete(layer.digest())).isTrue();
      assertThat(store().usage().bytes()).isZero();
      var rest = BlobReads.toEnd(body, ByteBuffer.allocateDirect(CHUNK));
      var pulled = ByteBuffer.allocate(layer.size()).put(start).put(rest).array();
      assertThat(pulled).isEqualTo(layer.bytes());
    }
  }

  private UploadId startPush() throws IOException {
    try (var upload = store().begin(UploadHint.NONE)) {
      return upload.id();
    }
  }

  private long patch(UploadId location, SampleBlob layer, long offset) throws IOException {
    try (var upload = store().resume(location).orElseThrow()) {
      assertThat(upload.position()).isEqualTo(offset);
      layer.writeUpTo((int) Math.min(layer.size(), offset + 700_000), upload);
      return upload.position();
    }
  }
}
