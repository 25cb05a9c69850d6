package dev.layercache.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.layercache.client.LayercacheException.Kind;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import dev.layercache.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One blob, up or down, over a sound connection and with wrong content. */
class BlobTransferTest {
  private static final int SEVERAL_MESSAGES = (3 << 20) + 17;

  @TempDir Path directory;
  private final FakeCache cache = new FakeCache();

  @AfterEach
  void stop() {
    cache.close();
  }

  @Test
  void findsWhatIsMissingOnceAndInOrder() throws IOException {
    Descriptor present = cache.add(Bytes.random(10, 1));
    Descriptor first = Bytes.layer(Bytes.random(10, 2));
    Descriptor second = Bytes.layer(Bytes.random(10, 3));
    try (var client = cache.client()) {
      assertThat(client.findMissing(List.of(second, present, first, second)))
          .containsExactly(second, first);
    }
  }

  @Test
  void asksForManyBlobsInSeveralCalls() throws IOException {
    var asked = new ArrayList<Descriptor>();
    for (int i = 0; i < 2 * ContentAddressableStorage.MAX_NAMES + 1; i++) {
      asked.add(Bytes.layer(new byte[] {(byte) i, (byte) (i >> 8), (byte) (i >> 16)}));
    }
    try (var client = cache.client()) {
      assertThat(client.findMissing(asked)).isEqualTo(asked);
    }
    assertThat(cache.calls("FindMissingBlobs")).isEqualTo(3);
  }

  @Test
  void asksNothingAboutNoBlobs() throws IOException {
    try (var client = cache.client()) {
      assertThat(client.findMissing(List.of())).isEmpty();
    }
    assertThat(cache.calls("FindMissingBlobs")).isZero();
  }

  @Test
  void uploadsAndDownloadsBlobsOfEverySize() throws IOException {
    try (var client = cache.client()) {
      for (int size :
          new int[] {1, 1000, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, SEVERAL_MESSAGES}) {
        byte[] content = Bytes.random(size, size);
        Descriptor blob = Bytes.layer(content);

        assertThat(client.upload(blob, BlobContent.of(content))).isTrue();
        var received = new ByteArrayOutputStream();
        client.download(blob, received);

        assertThat(received.toByteArray()).isEqualTo(content);
        assertThat(cache.blobs.get(blob.digest())).isEqualTo(content);
      }
    }
  }

  @Test
  void movesTheEmptyBlob() throws IOException {
    Descriptor empty = Bytes.layer(new byte[0]);
    Path file = directory.resolve("empty");
    try (var client = cache.client()) {
      assertThat(client.upload(empty, BlobContent.of(new byte[0]))).isTrue();
      client.download(empty, file);
    }
    assertThat(cache.blobs).containsKey(Digest.EMPTY);
    assertThat(file).isEmptyFile();
  }

  @Test
  void movesBlobsNamedBySha512() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    var blob =
        new Descriptor(
            MediaTypes.OCI_LAYER, FakeStorage.of(DigestAlgorithm.SHA512, content), content.length);
    Path file = directory.resolve("blob");
    try (var client = cache.client()) {
      assertThat(client.upload(blob, BlobContent.of(content))).isTrue();
      client.download(blob, file);
    }
    assertThat(file).hasBinaryContent(content);
  }

  @Test
  void uploadsAFile() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    Path file = Files.write(directory.resolve("layer"), content);
    try (var client = cache.client()) {
      assertThat(client.upload(Bytes.layer(content), BlobContent.of(file))).isTrue();
    }
    assertThat(cache.blobs.get(Digest.of(content))).isEqualTo(content);
  }

  @Test
  void doesNotSendWhatTheServerHas() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    Descriptor blob = cache.add(content);
    try (var client = cache.client()) {
      assertThat(client.upload(blob, BlobContent.of(content))).isFalse();
    }
    assertThat(cache.bytesWritten.sum()).isZero();
  }

  @Test
  void refusesContentShorterThanItsDescriptor() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    Descriptor blob = Bytes.layer(content);
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.upload(blob, BlobContent.of(Bytes.random(1000, 1))))
          .hasMessageContaining("ends after 1000 bytes")
          .hasMessageContaining("expected: " + SEVERAL_MESSAGES)
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.INVALID, LayercacheException::kind);
    }
    assertThat(cache.blobs).isEmpty();
  }

  @Test
  void reportsContentOfAnotherDigest() throws IOException {
    Descriptor blob = Bytes.layer(Bytes.random(SEVERAL_MESSAGES, 1));
    try (var client = cache.client()) {
      assertThatThrownBy(
              () -> client.upload(blob, BlobContent.of(Bytes.random(SEVERAL_MESSAGES, 2))))
          .hasMessageContaining(blob.digest().toString())
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.INVALID, LayercacheException::kind);
    }
    assertThat(cache.blobs).isEmpty();
  }

  @Test
  void saysThatABlobIsNotThere() throws IOException {
    Descriptor blob = Bytes.layer(Bytes.random(10, 1));
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.download(blob, directory.resolve("blob")))
          .hasMessageContaining(blob.digest().toString())
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.NOT_FOUND, LayercacheException::kind);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void wrongBytesNeverBecomeAFile() throws IOException {
    Descriptor blob = cache.add(Bytes.random(SEVERAL_MESSAGES, 1));
    cache.faults.corrupt = true;
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.download(blob, directory.resolve("blob")))
          .hasMessageContaining("expected: " + blob.digest())
          .asInstanceOf(type(LayercacheException.class))
          .returns(Kind.CORRUPT, LayercacheException::kind);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void wrongBytesAreNeverCompleteInAStream() throws IOException {
    Descriptor blob = cache.add(Bytes.random(SEVERAL_MESSAGES, 1));
    cache.faults.corrupt = true;
    var received = new ByteArrayOutputStream();
    try (var client = cache.client()) {
      assertThatThrownBy(() -> client.download(blob, received))
          .isInstanceOf(LayercacheException.class);
    }
    assertThat(received.size()).isLessThan(SEVERAL_MESSAGES);
  }

  @Test
  void aBlobOfAnotherSizeIsRefused() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    Digest digest = cache.add(content).digest();
    try (var client = cache.client()) {
      for (long size : new long[] {SEVERAL_MESSAGES - 1, SEVERAL_MESSAGES + 1}) {
        var wrong = new Descriptor(MediaTypes.OCI_LAYER, digest, size);
        assertThatThrownBy(() -> client.download(wrong, directory.resolve("blob")))
            .asInstanceOf(type(LayercacheException.class))
            .returns(Kind.CORRUPT, LayercacheException::kind);
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void replacesAFileOnlyByAWholeBlob() throws IOException {
    byte[] content = Bytes.random(SEVERAL_MESSAGES, 1);
    Descriptor blob = cache.add(content);
    Path file = Files.writeString(directory.resolve("blob"), "before");
    try (var client = cache.client()) {
      cache.faults.corrupt = true;
      assertThatThrownBy(() -> client.download(blob, file)).isInstanceOf(IOException.class);
      assertThat(file).hasContent("before");

      cache.faults.corrupt = false;
      client.download(blob, file);
    }
    assertThat(directory).isDirectoryContaining(file::equals);
    assertThat(file).hasBinaryContent(content);
  }
}
