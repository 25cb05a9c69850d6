package dev.layercache.client;

import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** A blob that is written to a stream; the last piece only once all of it is verified. */
final class StreamedBlob implements PartialBlob {
  private static final int COPY_BYTES = 64 << 10;

  private final Descriptor blob;
  private final OutputStream out;
  private final BlobVerifier verifier;
  private final byte[] copy = new byte[COPY_BYTES];
  private ByteBuffer last = ByteBuffer.allocate(0);

  /**
   * @param out stays the caller's to close
   */
  StreamedBlob(Descriptor blob, OutputStream out) {
    this.blob = blob;
    this.out = out;
    this.verifier = new BlobVerifier(blob);
  }

  @Override
  public long position() {
    return verifier.position();
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    writeOut(last);
    verifier.see(bytes);
    if (verifier.position() < blob.size()) {
      writeOut(bytes);
    } else {
      last = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }
  }

  private void writeOut(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int length = Math.min(bytes.remaining(), copy.length);
      bytes.get(copy, 0, length);
      out.write(copy, 0, length);
    }
  }

  @Override
  public void commit() throws IOException {
    verifier.verify();
    writeOut(last);
    out.flush();
  }

  @Override
  public void close() {}
}
