package dev.layercache.server.grpc;

import static dev.layercache.server.grpc.TestServer.random;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.bytestream.QueryWriteStatusRequest;
import com.google.bytestream.QueryWriteStatusResponse;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.server.blob.ByteRange;
import io.grpc.Channel;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteStreamWriteTest {
  private static final int PIECE = 1 << 20;

  private TestServer server;
  private Channel channel;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start();
    channel = server.connect();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String name(Digest digest, long size) {
    return "uploads/%s/blobs/%s/%d".formatted(UUID.randomUUID(), digest.hex(), size);
  }

  private static String name(byte[] content) {
    return name(Digest.of(content), content.length);
  }

  private byte[] stored(Digest digest) throws Exception {
    try (var reader = server.store.open(digest, ByteRange.ALL).orElseThrow()) {
      var content = ByteBuffer.allocate((int) reader.remaining());
      while (content.hasRemaining()) {
        reader.read(content);
      }
      return content.array();
    }
  }

  private QueryWriteStatusResponse query(String name) {
    return server
        .byteStream()
        .queryWriteStatus(QueryWriteStatusRequest.newBuilder().setResourceName(name).build());
  }

  private void awaitPosition(String name, long position) throws InterruptedException {
    for (int i = 0; i < 500 && query(name).getCommittedSize() != position; i++) {
      Thread.sleep(20);
    }
    assertThat(query(name).getCommittedSize()).isEqualTo(position);
  }

  private void assertRefused(Status status, Status.Code code, String... words) {
    assertThat(status.getCode()).isEqualTo(code);
    assertThat(status.getDescription()).contains(words);
    assertThat(server.store.usage())
        .satisfies(
            usage -> {
              assertThat(usage.blobs()).isZero();
              assertThat(usage.uploads()).isZero();
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4096, 1 << 20, (5 << 20) + 13})
  void whatIsWrittenIsStored(int length) throws Exception {
    var content = random(1, length);

    assertThat(new WriteStream(channel).sendAll(name(content), content, 0, PIECE).committed())
        .isEqualTo(length);

    assertThat(stored(Digest.of(content))).isEqualTo(content);
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void smallPiecesAsBazelSendsThemAreStored() throws Exception {
    var content = random(2, 3 << 20);

    assertThat(new WriteStream(channel).sendAll(name(content), content, 0, 16 << 10).committed())
        .isEqualTo(content.length);

    assertThat(stored(Digest.of(content))).isEqualTo(content);
  }

  @Test
  void flowControlCutsMessagesAnywhere() throws Exception {
    try (var tiny = TestServer.withTinyWindows()) {
      var content = random(3, (4 << 20) + 7);
      assertThat(
              new WriteStream(tiny.connect())
                  .sendAll(name(content), content, 0, 777_777)
                  .committed())
          .isEqualTo(content.length);
      assertThat(tiny.store.stat(Digest.of(content))).isPresent();
    }
  }

  @Test
  void instanceFunctionAndTrailingMetadataAreAccepted() throws Exception {
    var content = random(4, 100);
    var digest = Digest.of(content);
    var name =
        "some/instance/uploads/%s/blobs/sha256/%s/100/path/of/file"
            .formatted(UUID.randomUUID(), digest.hex());

    assertThat(new WriteStream(channel).send(name, 0, content, true).committed()).isEqualTo(100);

    assertThat(stored(digest)).isEqualTo(content);
  }

  @Test
  void sha512IsStoredUnderItsOwnDigest() throws Exception {
    var content = random(5, 1000);
    var hash = DigestAlgorithm.SHA512.newHash();
    hash.update(content);
    var digest = Digest.of(DigestAlgorithm.SHA512, hash);

    assertThat(new WriteStream(channel).send(name(digest, 1000), 0, content, true).committed())
        .isEqualTo(1000);

    assertThat(stored(digest)).isEqualTo(content);
  }

  @Test
  void theEmptyBlobIsAlwaysThere() throws Exception {
    assertThat(
            new WriteStream(channel).send(name(Digest.EMPTY, 0), 0, new byte[0], true).committed())
        .isZero();
    assertThat(query(name(Digest.EMPTY, 0)).getComplete()).isTrue();
  }

  @Test
  void aBlobThatExistsIsAnsweredEarlyAndTheConnectionLivesOn() throws Exception {
    var content = random(6, 32 << 20);
    server.put(content);
    var stream = new WriteStream(channel);

    stream.send(name(content), 0, Arrays.copyOf(content, PIECE), false);
    assertThat(stream.committed()).isEqualTo(content.length);

    var other = random(7, 20 << 20);
    assertThat(new WriteStream(channel).sendAll(name(other), other, 0, PIECE).committed())
        .isEqualTo(other.length);
  }

  @Test
  void aClientThatKeepsSendingAfterTheEarlyAnswerIsNotBroken() throws Exception {
    var content = random(8, 32 << 20);
    server.put(content);
    for (int round = 0; round < 3; round++) {
      var stream = new WriteStream(channel);
      stream.sendAll(name(content), content, 0, PIECE).halfClose();
      assertThat(stream.committed()).isEqualTo(content.length);
    }
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void aBrokenStreamIsResumedWhereItStopped() throws Exception {
    var content = random(9, 5 << 20);
    var name = name(content);
    var broken = new WriteStream(channel).send(name, 0, Arrays.copyOf(content, 2 * PIECE), false);
    awaitPosition(name, 2 * PIECE);
    broken.cancel();

    var status = query(name);
    assertThat(status.getComplete()).isFalse();
    assertThat(status.getCommittedSize()).isEqualTo(2 * PIECE);
    assertThat(new WriteStream(channel).sendAll(name, content, 2 * PIECE, PIECE).committed())
        .isEqualTo(content.length);

    assertThat(stored(Digest.of(content))).isEqualTo(content);
    assertThat(query(name).getComplete()).isTrue();
    assertThat(query(name).getCommittedSize()).isEqualTo(content.length);
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void aStreamThatEndsWithoutFinishCanBeResumed() throws Exception {
    var content = random(10, 1000);
    var name = name(content);

    assertThat(
            new WriteStream(channel)
                .send(name, 0, Arrays.copyOf(content, 400), false)
                .halfClose()
                .committed())
        .isEqualTo(400);

    assertThat(
            new WriteStream(channel)
                .send(name, 400, Arrays.copyOfRange(content, 400, 1000), true)
                .committed())
        .isEqualTo(1000);
  }

  @Test
  void offsetZeroStartsOver() throws Exception {
    var content = random(11, 1000);
    var name = name(content);
    new WriteStream(channel).send(name, 0, random(12, 500), false).halfClose().committed();

    assertThat(new WriteStream(channel).send(name, 0, content, true).committed()).isEqualTo(1000);

    assertThat(stored(Digest.of(content))).isEqualTo(content);
    assertThat(server.unfinishedUploads()).isZero();
  }

  @Test
  void anyUuidNamesAnUpload() throws Exception {
    var content = random(13, 1000);
    var name = "uploads/%s/blobs/%s/1000".formatted("käse ".repeat(50), Digest.of(content).hex());
    new WriteStream(channel)
        .send(name, 0, Arrays.copyOf(content, 400), false)
        .halfClose()
        .committed();

    assertThat(query(name).getCommittedSize()).isEqualTo(400);
    assertThat(
            new WriteStream(channel)
                .send(name, 400, Arrays.copyOfRange(content, 400, 1000), true)
                .committed())
        .isEqualTo(1000);
  }

  @Test
  void anUploadThatNobodyKnowsHasNothing() {
    var status = query(name(random(14, 10)));

    assertThat(status.getCommittedSize()).isZero();
    assertThat(status.getComplete()).isFalse();
  }

  @Test
  void aWrongOffsetIsRefusedWithBothNumbersAndDisturbsNobody() throws Exception {
    var content = random(15, 1000);
    var name = name(content);
    var writer = new WriteStream(channel).send(name, 0, Arrays.copyOf(content, 400), false);
    awaitPosition(name, 400);

    var status = new WriteStream(channel).send(name, 300, new byte[10], false).status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("300").contains("400");
    writer.send("", 400, Arrays.copyOfRange(content, 400, 1000), true);
    assertThat(writer.committed()).isEqualTo(1000);
  }

  @Test
  void anOffsetOfAnUploadThatNobodyKnowsIsRefused() throws Exception {
    var name = name(random(16, 1000));

    assertRefused(
        new WriteStream(channel).send(name, 300, new byte[10], false).status(),
        Status.Code.INVALID_ARGUMENT,
        "write_offset 300",
        "expected: 0");
    assertRefused(
        new WriteStream(channel).send(name, -1, new byte[10], false).status(),
        Status.Code.INVALID_ARGUMENT,
        "write_offset -1");
    assertRefused(
        new WriteStream(channel).send(name, Long.MAX_VALUE, new byte[10], false).status(),
        Status.Code.INVALID_ARGUMENT,
        "write_offset " + Long.MAX_VALUE);
  }

  @Test
  void anOffsetThatJumpsWithinTheStreamIsRefused() throws Exception {
    var name = name(random(17, 1000));

    var status =
        new WriteStream(channel)
            .send(name, 0, new byte[10], false)
            .send("", 20, new byte[10], false)
            .status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("write_offset 20").contains("expected: 10");
  }

  @Test
  void wrongBytesLeaveNoTrace() throws Exception {
    var content = random(18, 1000);
    var other = Digest.of(random(19, 1000));

    assertRefused(
        new WriteStream(channel).send(name(other, 1000), 0, content, true).status(),
        Status.Code.INVALID_ARGUMENT,
        "digest mismatch",
        other.hex(),
        Digest.of(content).hex());
  }

  @Test
  void tooFewBytesLeaveNoTrace() throws Exception {
    var content = random(20, 1000);

    assertRefused(
        new WriteStream(channel).send(name(content), 0, new byte[999], true).status(),
        Status.Code.INVALID_ARGUMENT,
        "after 999 bytes",
        "expected: 1000");
  }

  @Test
  void tooManyBytesLeaveNoTrace() throws Exception {
    var content = random(21, 1000);

    assertRefused(
        new WriteStream(channel)
            .send(name(content), 0, content, false)
            .send("", 1000, new byte[1], true)
            .status(),
        Status.Code.INVALID_ARGUMENT,
        "received 1001 bytes",
        "expected: 1000");
  }

  @Test
  void aBlobOverTheMaximumIsRefused() throws Exception {
    assertRefused(
        new WriteStream(channel)
            .send(
                name(Digest.of(new byte[1]), TestServer.MAX_BLOB_BYTES + 1), 0, new byte[9], false)
            .status(),
        Status.Code.INVALID_ARGUMENT,
        String.valueOf(TestServer.MAX_BLOB_BYTES));
  }

  @Test
  void aNameThatChangesWithinTheStreamIsRefused() throws Exception {
    var status =
        new WriteStream(channel)
            .send(name(random(22, 10)), 0, new byte[1], false)
            .send(name(random(23, 10)), 1, new byte[1], false)
            .status();

    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(status.getDescription()).contains("resource_name changed");
  }

  @Test
  void aStreamWithoutRequestIsRefused() throws Exception {
    assertRefused(
        new WriteStream(channel).halfClose().status(), Status.Code.INVALID_ARGUMENT, "no request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "blobs/HASH/10",
        "uploads/u/blobs/HASH",
        "uploads/u/blobs/HASH/-1",
        "uploads/u/blobs/HASH/ten",
        "uploads/u/blobs/HASH/99999999999999999999",
        "uploads/u/blobs/abc/10",
        "uploads/u/blobs/blake3/HASH/10",
        "uploads/u/blobs/nonsense/HASH/10",
        "uploads//blobs/HASH/10",
        "uploads/u/compressed-blobs/zstd/HASH/10",
        "uploads/u/stuff/HASH/10",
      })
  void aMalformedNameIsRefused(String form) throws Exception {
    var name = form.replace("HASH", Digest.of(random(24, 10)).hex());

    var status = new WriteStream(channel).send(name, 0, new byte[10], true).status();

    assertRefused(status, Status.Code.INVALID_ARGUMENT, "expected");
  }
}
