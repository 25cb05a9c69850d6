package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole images, up and down. */
@Timeout(60)
class ImageTransferTest {
  private static final ImageReference APP = ImageReference.parse("team/app:1");
  private static final byte[] BASE = Bytes.random(3 << 20, 1);
  private static final byte[] LIBRARIES = Bytes.random(1 << 20, 2);
  private static final byte[] CLASSES = Bytes.random(100_000, 3);

  private final FakeCache cache = new FakeCache();
  private final MemoryDestination destination = new MemoryDestination();

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void anImageComesBackByteForByte() throws IOException {
    var image = MemoryImage.of(BASE, LIBRARIES, CLASSES);
    try (var client = cache.client()) {
      var pushed = client.pushImage(image, APP, TransferListener.NONE);
      var pulled = client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);

      for (TransferReport report : List.of(pushed, pulled)) {
        assertThat(report)
            .returns(3, TransferReport::layers)
            .returns(3, TransferReport::layersTransferred)
            .returns(image.totalBytes(), TransferReport::bytesTotal)
            .returns(image.totalBytes(), TransferReport::bytesTransferred)
            .returns(image.root().digest(), r -> r.root().digest());
      }
    }
    assertHas(image);
    assertThat(destination.finished).containsExactly(image.root().digest() + " 1");
  }

  @Test
  void anUpdatedImageMovesOnlyTheChangedLayer() throws IOException {
    var before = MemoryImage.of(BASE, LIBRARIES, CLASSES);
    byte[] changed = Bytes.random(120_000, 4);
    var after = MemoryImage.of(BASE, LIBRARIES, changed);
    long moved = changed.length + after.root().size();
    try (var client = cache.client()) {
      client.pushImage(before, APP, TransferListener.NONE);
      client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
      long sentBefore = cache.bytesWritten.sum();
      long readBefore = cache.bytesRead.sum();

      var pushed = client.pushImage(after, APP, TransferListener.NONE);
      var pulled = client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);

      assertThat(cache.bytesWritten.sum() - sentBefore).isEqualTo(changed.length);
      assertThat(cache.bytesRead.sum() - readBefore).isEqualTo(changed.length);
      for (TransferReport report : List.of(pushed, pulled)) {
        assertThat(report)
            .returns(3, TransferReport::layers)
            .returns(1, TransferReport::layersTransferred)
            .returns(after.totalBytes(), TransferReport::bytesTotal)
            .returns(moved, TransferReport::bytesTransferred);
      }
    }
    assertHas(after);
  }

  @Test
  void theListenerHearsOfEveryBlobOnce() throws IOException {
    var image = MemoryImage.of(BASE, LIBRARIES, CLASSES);
    cache.add(BASE);
    var listener = new RecordingListener();
    try (var client = cache.client()) {
      client.pushImage(image, APP, listener);
    }
    assertThat(listener.alreadyThere).containsExactly(Digest.of(BASE));
    assertThat(listener.finished).hasSize(image.blobs().size() - 1).doesNotContain(Digest.of(BASE));
    assertThat(listener.started.keySet()).isEqualTo(listener.finished);
    assertThat(listener.positions).containsEntry(Digest.of(LIBRARIES), (long) LIBRARIES.length);
  }

  @Test
  void aListenerThatFailsDoesNotDisturbTheTransfer() throws IOException {
    var image = MemoryImage.of(BASE, CLASSES);
    TransferListener failing =
        new TransferListener() {
          @Override
          public void progressed(Descriptor blob, long position) {
            throw new IllegalStateException("expected by the test");
          }
        };
    try (var client = cache.client()) {
      client.pushImage(image, APP, failing);
    }
    assertThat(cache.blobs.keySet()).containsAll(image.digests());
  }

  @Test
  void anIndexIsPushedWholeAndChildrenFirst() throws IOException {
    var index = nestedIndex();
    try (var client = cache.client()) {
      client.pushImage(index, APP, TransferListener.NONE);
      assertThat(cache.blobs.keySet()).containsExactlyInAnyOrderElementsOf(index.digests());
      assertThat(cache.images.put)
          .hasSize(5)
          .doesNotHaveDuplicates()
          .endsWith(index.root().digest());

      var report = client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
      assertThat(report.bytesTotal()).isEqualTo(index.totalBytes());
    }
    assertHas(index);
  }

  @Test
  void onePlatformOfAnIndexBecomesTheRoot() throws IOException {
    var index = nestedIndex();
    var arm = arm();
    try (var client = cache.client()) {
      client.pushImage(index, APP, TransferListener.NONE);
      var options = PullOptions.of(Platform.parse("linux/arm64/v8"));
      var report = client.pullImage(APP, destination, options, TransferListener.NONE);
      assertThat(report.root().digest()).isEqualTo(arm.root().digest());
    }
    assertHas(arm);
    assertThat(destination.blobs).hasSize(arm.blobs().size());
  }

  @Test
  void aPlatformThatIsNotThereIsAnErrorThatListsThoseThatAre() throws IOException {
    try (var client = cache.client()) {
      client.pushImage(nestedIndex(), APP, TransferListener.NONE);
      var options = PullOptions.of(Platform.parse("linux/s390x"));
      assertThatThrownBy(() -> client.pullImage(APP, destination, options, TransferListener.NONE))
          .hasMessageContaining("linux/s390x")
          .hasMessageContaining("linux/amd64")
          .hasMessageContaining("linux/arm64/v8")
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.NOT_FOUND, LayercacheException::kind);
    }
    assertThat(destination.blobs).isEmpty();
  }

  @Test
  void aSingleImageIsCheckedAgainstThePlatformThatItSaysItIsFor() throws IOException {
    try (var client = cache.client()) {
      client.pushImage(MemoryImage.of(CLASSES), APP, TransferListener.NONE);
      cache.images.inspectedPlatform = "linux/amd64";

      client.pullImage(
          APP, destination, PullOptions.of(Platform.parse("linux/amd64")), TransferListener.NONE);
      assertThatThrownBy(
              () ->
                  client.pullImage(
                      APP,
                      destination,
                      PullOptions.of(Platform.parse("linux/arm64")),
                      TransferListener.NONE))
          .hasMessageContaining("available: linux/amd64");
    }
    assertThat(destination.finished).hasSize(1);
  }

  @Test
  void indexesNestedBeyondReasonAreRefused() throws IOException {
    MemoryImage nested = MemoryImage.of(CLASSES);
    for (int i = 0; i <= ImageTree.MAX_DEPTH; i++) {
      nested = MemoryImage.index(Map.of("", nested));
    }
    MemoryImage image = nested;
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.pushImage(image, APP, TransferListener.NONE))
          .hasMessageContaining("nested")
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.INVALID, LayercacheException::kind);
    }
    assertThat(cache.blobs).isEmpty();
  }

  @Test
  void blobsThatVanishBeforeTheManifestAreSentAgain() throws IOException {
    var image = MemoryImage.of(BASE, CLASSES);
    cache.add(BASE);
    cache.faults.vanishing.add(Digest.of(BASE));
    cache.faults.vanishing.add(Digest.of(CLASSES));
    try (var client = cache.client()) {
      var report = client.pushImage(image, APP, TransferListener.NONE);
      assertThat(report.layersTransferred()).isEqualTo(2);
    }
    assertThat(cache.blobs.keySet()).containsExactlyInAnyOrderElementsOf(image.digests());
  }

  @Test
  void childManifestsThatVanishArePutAgain() throws IOException {
    var index = nestedIndex();
    try (var client = cache.client()) {
      client.pushImage(index, APP, TransferListener.NONE);
      cache.faults.vanishing.add(arm().root().digest());
      client.pushImage(MemoryImage.index(Map.of("linux/amd64", index)), APP, TransferListener.NONE);
    }
    assertThat(cache.blobs).containsKey(arm().root().digest());
  }

  @Test
  void manySmallLayersMoveInFewMessages() throws IOException {
    byte[][] layers =
        IntStream.range(0, 300).mapToObj(i -> Bytes.random(10_000, 100 + i)).toArray(byte[][]::new);
    var image = MemoryImage.of(layers);
    try (var client = cache.client()) {
      client.pushImage(image, APP, TransferListener.NONE);
      client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
    }
    assertHas(image);
    assertThat(cache.calls("Write")).isZero();
    assertThat(cache.calls("Read")).isZero();
    assertThat(cache.calls("BatchUpdateBlobs")).isBetween(3L, 4L);
    assertThat(cache.calls("BatchReadBlobs")).isBetween(3L, 4L);
  }

  @Test
  void noMoreBlobsMoveAtOnceThanAllowed() throws IOException {
    byte[][] layers =
        IntStream.range(0, 12).mapToObj(i -> Bytes.random(1 << 20, 50 + i)).toArray(byte[][]::new);
    var image = MemoryImage.of(layers);
    try (var client = LayercacheClient.connect(cache.options().withParallelTransfers(3))) {
      client.pushImage(image, APP, TransferListener.NONE);
      client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
    }
    assertHas(image);
    assertThat(cache.mostOpenStreams).hasValueBetween(1, 3);
  }

  @Test
  void aPullGoesOnWithWhatAnEarlierOneLeft() throws IOException {
    var image = MemoryImage.of(BASE);
    var listener = new RecordingListener();
    int left = 2 << 20;
    destination.partial.put(Digest.of(BASE), Arrays.copyOf(BASE, left));
    try (var client = cache.client()) {
      client.pushImage(image, APP, TransferListener.NONE);
      var report = client.pullImage(APP, destination, PullOptions.ALL, listener);
      assertThat(report.bytesTransferred()).isEqualTo(image.totalBytes() - left);
    }
    assertThat(listener.started).containsEntry(Digest.of(BASE), (long) left);
    assertHas(image);
  }

  @Test
  void damagedLeftoversAreDiscardedAndAllOfTheBlobMoves() throws IOException {
    var image = MemoryImage.of(BASE, CLASSES);
    destination.partial.put(Digest.of(BASE), Bytes.random(2 << 20, 99));
    destination.partial.put(Digest.of(CLASSES), Bytes.random(500, 99));
    try (var client = cache.client()) {
      client.pushImage(image, APP, TransferListener.NONE);
      client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
    }
    assertHas(image);
  }

  @Test
  void wrongBytesFailThePullAndNothingIsFinished() throws IOException {
    var image = MemoryImage.of(BASE, CLASSES);
    try (var client = cache.client()) {
      client.pushImage(image, APP, TransferListener.NONE);
      cache.faults.corrupt = true;
      assertThatThrownBy(
              () -> client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE))
          .isInstanceOf(IOException.class);
    }
    assertThat(destination.finished).isEmpty();
    assertThat(destination.blobs).isEmpty();
  }

  @Test
  void aBlobThatTheSourceLacksFailsThePushWithoutATag() throws IOException {
    var image = MemoryImage.of(BASE, LIBRARIES, CLASSES);
    var blobs = new LinkedHashMap<>(image.blobs());
    blobs.remove(Digest.of(LIBRARIES));
    var broken = new MemoryImage(image.root(), blobs);
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.pushImage(broken, APP, TransferListener.NONE))
          .hasMessageContaining(Digest.of(LIBRARIES).toString());
      assertThat(client.repositories()).isEmpty();
    }
  }

  @Test
  void aTargetWithTheDigestOfAnotherImageIsRefused() throws IOException {
    var image = MemoryImage.of(CLASSES);
    var wrong = ImageReference.parse("app@" + Digest.of(BASE));
    var right = ImageReference.parse("app@" + image.root().digest());
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.pushImage(image, wrong, TransferListener.NONE))
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.INVALID, LayercacheException::kind);

      client.pushImage(image, right, TransferListener.NONE);
      client.pullImage(right, destination, PullOptions.ALL, TransferListener.NONE);
      assertThat(client.repositories()).isEmpty();
    }
    assertThat(destination.finished).containsExactly(image.root().digest() + " -");
  }

  @Test
  void streamsThatBreakInAPushOrPullAreContinued() throws IOException {
    var layers = new ArrayList<byte[]>();
    for (int i = 0; i < 4; i++) {
      layers.add(Bytes.random(4 << 20, 70 + i));
    }
    var image = MemoryImage.of(layers.toArray(byte[][]::new));
    cache.faults.breakAfterBytes = 1 << 20;
    try (var client = cache.client()) {
      cache.faults.brokenStreams.set(4);
      var pushed = client.pushImage(image, APP, TransferListener.NONE);
      cache.faults.brokenStreams.set(4);
      var pulled = client.pullImage(APP, destination, PullOptions.ALL, TransferListener.NONE);
      assertThat(cache.faults.brokenStreams).hasValue(0);
      assertThat(pushed.layersTransferred()).isEqualTo(4);
      assertThat(pulled.bytesTransferred()).isEqualTo(image.totalBytes());
    }
    assertHas(image);
  }

  private static MemoryImage arm() {
    return MemoryImage.of("linux/arm64/v8", BASE, LIBRARIES);
  }

  /** Two platforms, one of them in an index of its own, and an attestation for no platform. */
  private static MemoryImage nestedIndex() {
    var platforms = new LinkedHashMap<String, MemoryImage>();
    platforms.put("linux/amd64", MemoryImage.of(BASE, CLASSES));
    platforms.put("unknown/unknown", MemoryImage.of("unknown/unknown", Bytes.random(50, 9)));
    platforms.put("", MemoryImage.index(Map.of("linux/arm64/v8", arm())));
    return MemoryImage.index(platforms);
  }

  private void assertHas(MemoryImage image) {
    image
        .blobs()
        .forEach((digest, content) -> assertThat(destination.blobs.get(digest)).isEqualTo(content));
  }
}
