package dev.layercache.server.blob;

import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Incompressible content that a seed and a size determine, and what tests do with it. */
public final class SampleBlob {
  private final byte[] content;
  private final Digest digest;

  private SampleBlob(byte[] content) {
    this.content = content;
    this.digest = Digest.of(content);
  }

  /** {@code size} bytes that no other seed gives. */
  public static SampleBlob of(long seed, int size) {
    var content = new byte[size];
    new SplittableRandom(seed).nextBytes(content);
    return new SampleBlob(content);
  }

  public Digest digest() {
    return digest;
  }

  public int size() {
    return content.length;
  }

  /** Its digest with SHA-512. */
  public Digest sha512() {
    var hash = DigestAlgorithm.SHA512.newHash();
    hash.update(content);
    return Digest.of(DigestAlgorithm.SHA512, hash);
  }

  /** A copy of the bytes that {@code range} covers. */
  public byte[] slice(ByteRange range) throws OutOfRangeException {
    int from = (int) range.offset();
    return Arrays.copyOfRange(content, from, from + (int) range.lengthIn(size()));
  }

  /** A copy of all bytes. */
  public byte[] bytes() {
    return content.clone();
  }

  /** Uploads and commits it in one write. */
  public BlobInfo putInto(BlobStore store) throws IOException {
    try (var upload = store.begin(UploadHint.of(digest, size()))) {
      writeUpTo(size(), upload);
      return upload.commit(digest);
    }
  }

  /** Appends the bytes from where {@code upload} stands up to {@code end}, in one write. */
  public void writeUpTo(int end, BlobUpload upload) throws IOException {
    int from = (int) upload.position();
    upload.write(ByteBuffer.wrap(content, from, end - from).asReadOnlyBuffer());
  }

  /** Appends everything from where {@code upload} stands, in slices of random length. */
  public void writeInSlices(BlobUpload upload, SplittableRandom random) throws IOException {
    while (upload.position() < size()) {
      int left = size() - (int) upload.position();
      int most = random.nextBoolean() ? 300_000 : 2_000_000;
      writeUpTo((int) upload.position() + random.nextInt(1, Math.min(left, most) + 1), upload);
    }
  }
}
