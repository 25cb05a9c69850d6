package dev.layercache.server.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.layercache.oci.Digest;
import dev.layercache.server.blob.BlobAdmin.Usage;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Random operations on a store and the same ones on a model: sets of blobs and of positions. */
final class BlobHistory {
  private static final int[] SIZES = {
    0, 1, 100, 4096, 262_143, 262_144, 262_145, 600_000, 1_048_576, 1_300_000
  };

  private final BlobStoreUnderTest underTest;
  private final SplittableRandom random;
  private final List<SampleBlob> samples;
  private final Set<SampleBlob> stored = new HashSet<>();
  private final Map<SampleBlob, Unfinished> unfinished = new HashMap<>();

  private record Unfinished(UploadId id, long position) {}

  BlobHistory(BlobStoreUnderTest underTest, long seed) {
    this.underTest = underTest;
    this.random = new SplittableRandom(seed);
    this.samples =
        IntStream.range(0, SIZES.length).mapToObj(i -> SampleBlob.of(200 + i, SIZES[i])).toList();
  }

  /** Does one operation and checks what it answers. */
  void step() throws IOException {
    var blob = samples.get(random.nextInt(samples.size()));
    switch (random.nextInt(12)) {
      case 0 -> put(blob);
      case 1 -> delete(blob);
      case 2 -> read(blob);
      case 3 -> findMissing();
      case 4 -> begin(blob);
      case 5, 6, 7 -> append(blob);
      case 8, 9 -> commit(blob);
      case 10 -> abortOrMismatch(blob);
      default -> restart();
    }
    assertThat(store().usage()).isEqualTo(expectedUsage());
  }

  /** Compares everything. */
  void checkAll() throws IOException {
    for (var blob : samples) {
      read(blob);
      assertThat(store().stat(blob.digest()))
          .isEqualTo(isStored(blob) ? Optional.of(info(blob)) : Optional.empty());
    }
    findMissing();
    for (var upload : unfinished.values()) {
      var status = store().status(upload.id()).orElseThrow();
      assertThat(status.position()).isEqualTo(upload.position());
    }
  }

  private void put(SampleBlob blob) throws IOException {
    assertThat(blob.putInto(store())).isEqualTo(info(blob));
    stored.add(blob);
  }

  private void delete(SampleBlob blob) throws IOException {
    if (blob.size() > 0) {
      assertThat(store().delete(blob.digest())).isEqualTo(stored.remove(blob));
    }
  }

  private void read(SampleBlob blob) throws IOException {
    var range = new ByteRange(random.nextInt(blob.size() + 1), random.nextInt(2_000_000));
    var read = BlobReads.read(store(), blob.digest(), range);
    assertThat(read.isPresent()).isEqualTo(isStored(blob));
    if (read.isPresent()) {
      assertThat(read).as("%s of %s", range, blob.digest()).hasValue(blob.slice(range));
    }
  }

  private void findMissing() throws IOException {
    var expected = samples.stream().filter(blob -> !isStored(blob)).map(SampleBlob::digest);
    var all = samples.stream().map(SampleBlob::digest).toList();
    assertThat(store().findMissing(all)).containsExactlyElementsOf(expected.toList());
  }

  /** Begins an upload, or begins it again under its id. */
  private void begin(SampleBlob blob) throws IOException {
    var hint = random.nextBoolean() ? UploadHint.NONE : UploadHint.of(blob.digest(), blob.size());
    var id = Optional.ofNullable(unfinished.get(blob)).map(Unfinished::id);
    try (var upload = store().begin(id.map(hint::withId).orElse(hint))) {
      assertThat(upload.position()).isZero();
      unfinished.put(blob, new Unfinished(upload.id(), 0));
    }
  }

  private void append(SampleBlob blob) throws IOException {
    if (unfinished.containsKey(blob)) {
      try (var upload = resume(blob)) {
        int left = blob.size() - (int) upload.position();
        int slice = random.nextInt(left + 1);
        blob.writeUpTo((int) upload.position() + slice, upload);
        unfinished.put(blob, new Unfinished(upload.id(), upload.position()));
      }
    }
  }

  private void commit(SampleBlob blob) throws IOException {
    if (unfinished.containsKey(blob)) {
      try (var upload = resume(blob)) {
        blob.writeInSlices(upload, random);
        assertThat(upload.commit(blob.digest())).isEqualTo(info(blob));
      }
      unfinished.remove(blob);
      stored.add(blob);
    }
  }

  private void abortOrMismatch(SampleBlob blob) throws IOException {
    if (unfinished.containsKey(blob)) {
      try (var upload = resume(blob)) {
        if (random.nextBoolean()) {
          upload.abort();
        } else {
          var wrong = SampleBlob.of(random.nextLong(), 33).digest();
          assertThatThrownBy(() -> upload.commit(wrong))
              .isInstanceOf(DigestMismatchException.class);
        }
        assertThat(store().resume(upload.id())).isEmpty();
      }
      unfinished.remove(blob);
    }
  }

  /** Blobs stay; an upload may fall back to an earlier byte, from which it goes on. */
  private void restart() throws IOException {
    if (!underTest.durable()) {
      return;
    }
    underTest.reopen();
    for (var entry : unfinished.entrySet()) {
      var earlier = entry.getValue();
      long position = store().status(earlier.id()).orElseThrow().position();
      assertThat(position).isBetween(0L, earlier.position());
      entry.setValue(new Unfinished(earlier.id(), position));
    }
  }

  private BlobUpload resume(SampleBlob blob) throws IOException {
    var expected = Optional.ofNullable(unfinished.get(blob)).orElseThrow();
    var upload = store().resume(expected.id()).orElseThrow();
    assertThat(upload.position()).isEqualTo(expected.position());
    return upload;
  }

  private BlobStore store() {
    return underTest.store();
  }

  private boolean isStored(SampleBlob blob) {
    return blob.digest().equals(Digest.EMPTY) || stored.contains(blob);
  }

  private static BlobInfo info(SampleBlob blob) {
    return new BlobInfo(blob.digest(), blob.size());
  }

  private Usage expectedUsage() {
    var counted = stored.stream().filter(blob -> blob.size() > 0).toList();
    long bytes = counted.stream().mapToLong(SampleBlob::size).sum();
    return new Usage(counted.size(), bytes, unfinished.size());
  }
}
