package dev.layercache.server.grpc;

import static dev.layercache.server.grpc.TestServer.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.bytestream.ByteStreamGrpc.ByteStreamBlockingStub;
import com.google.bytestream.ReadRequest;
import com.google.bytestream.ReadResponse;
import dev.layercache.oci.Digest;
import dev.layercache.server.blob.WatchedStore;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteStreamReadTest {
  private TestServer server;

  @BeforeEach
  void start() throws Exception {
    server = TestServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static ReadRequest request(Digest digest, long size, long offset, long limit) {
    return ReadRequest.newBuilder()
        .setResourceName("blobs/%s/%d".formatted(digest.hex(), size))
        .setReadOffset(offset)
        .setReadLimit(limit)
        .build();
  }

  private static byte[] read(ByteStreamBlockingStub stub, ReadRequest request) {
    return collect(stub.read(request));
  }

  private static byte[] collect(Iterator<ReadResponse> responses) {
    var out = new ByteArrayOutputStream();
    responses.forEachRemaining(response -> out.writeBytes(response.getData().toByteArray()));
    return out.toByteArray();
  }

  private void assertRefused(ReadRequest request, Status.Code code, String words) {
    assertThatThrownBy(() -> read(server.byteStream(), request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
        .hasMessageContaining(words);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 1 << 20, (9 << 20) + 5})
  void whatIsStoredIsRead(int length) throws Exception {
    var content = random(1, length);
    var digest = server.put(content);

    assertThat(read(server.byteStream(), request(digest, length, 0, 0))).isEqualTo(content);
  }

  @ParameterizedTest
  @CsvSource({
    "0,1",
    "0,2000000",
    "5,0",
    "1000000,1500000",
    "2999999,1",
    "3000000,0",
    "1,9999999999"
  })
  void offsetAndLimitChooseARange(int offset, long limit) throws Exception {
    var content = random(2, 3_000_000);
    var digest = server.put(content);
    long end = limit == 0 ? content.length : Math.min(content.length, offset + limit);

    assertThat(read(server.byteStream(), request(digest, content.length, offset, limit)))
        .isEqualTo(Arrays.copyOfRange(content, offset, (int) end));
  }

  @Test
  void flowControlCutsMessagesAnywhere() throws Exception {
    try (var tiny = TestServer.withTinyWindows()) {
      var content = random(3, (5 << 20) + 1);
      var digest = tiny.put(content);

      assertThat(read(tiny.byteStream(), request(digest, content.length, 0, 0))).isEqualTo(content);
    }
  }

  @Test
  void aClientThatGoesAwayLeavesNoReaderOpen() throws Exception {
    var store = TestServer.watched();
    try (var watched = TestServer.start(store, 256, Duration.ofSeconds(30))) {
      var content = random(4, 32 << 20);
      var digest = watched.put(content);
      var context = Context.current().withCancellation();
      context.run(
          () ->
              assertThat(watched.byteStream().read(request(digest, content.length, 0, 0)).next())
                  .isNotNull());
      assertThat(store.openReaders()).isEqualTo(1);

      context.cancel(null);

      awaitNoReaders(store);
    }
  }

  @Test
  void aClientThatStopsReadingIsNotWaitedForLonger() throws Exception {
    var store = TestServer.watched();
    try (var impatient = TestServer.start(store, 256, Duration.ofMillis(300))) {
      var content = random(10, 32 << 20);
      var digest = impatient.put(content);
      var responses = impatient.byteStream().read(request(digest, content.length, 0, 0));
      assertThat(responses.next().getData()).isNotEmpty();

      awaitNoReaders(store);

      assertThatThrownBy(() -> collect(responses))
          .hasMessageContaining("DEADLINE_EXCEEDED")
          .hasMessageContaining("the client took no bytes");
    }
  }

  private static void awaitNoReaders(WatchedStore store) throws InterruptedException {
    for (int i = 0; i < 500 && store.openReaders() > 0; i++) {
      Thread.sleep(20);
    }
    assertThat(store.openReaders()).isZero();
  }

  @Test
  void instanceAndFunctionAreAccepted() throws Exception {
    var content = random(5, 100);
    var digest = server.put(content);
    var request =
        ReadRequest.newBuilder()
            .setResourceName("a/b/c/blobs/sha256/%s/100".formatted(digest.hex()))
            .build();

    assertThat(read(server.byteStream(), request)).isEqualTo(content);
  }

  @Test
  void aBlobThatIsNotStoredIsNotFound() {
    var digest = Digest.of(random(6, 10));

    assertRefused(request(digest, 10, 0, 0), Status.Code.NOT_FOUND, digest.hex());
  }

  @Test
  void aBlobOfAnotherSizeIsNotFound() throws Exception {
    var digest = server.put(random(7, 10));

    assertRefused(request(digest, 11, 0, 0), Status.Code.NOT_FOUND, "/11 is not stored");
  }

  @Test
  void offsetsOutsideTheBlobAreOutOfRange() throws Exception {
    var digest = server.put(random(8, 10));

    assertRefused(request(digest, 10, -1, 0), Status.Code.OUT_OF_RANGE, "read_offset -1");
    assertRefused(request(digest, 10, 11, 0), Status.Code.OUT_OF_RANGE, "expected: 0 to 10");
    assertRefused(
        request(digest, 10, Long.MAX_VALUE, 0), Status.Code.OUT_OF_RANGE, "expected: 0 to 10");
    assertRefused(request(digest, 10, 0, -5), Status.Code.INVALID_ARGUMENT, "read_limit -5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "blobs",
        "blobs/HASH",
        "blobs/HASH/x",
        "blobs/HASH/-1",
        "blobs/HASH/10/more",
        "blobs/short/10",
        "blobs/blake3/HASH/10",
        "compressed-blobs/zstd/HASH/10",
      })
  void aMalformedNameIsRefused(String form) {
    var name = form.replace("HASH", Digest.of(random(9, 10)).hex());

    assertRefused(
        ReadRequest.newBuilder().setResourceName(name).build(),
        Status.Code.INVALID_ARGUMENT,
        "expected");
  }
}
