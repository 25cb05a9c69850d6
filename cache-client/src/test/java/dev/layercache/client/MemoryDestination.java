package dev.layercache.client;

import dev.layercache.client.image.ImageDestination;
import dev.layercache.client.image.PartialBlob;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps images in memory, and what was left of interrupted blobs. */
final class MemoryDestination implements ImageDestination {
  final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
  final Map<Digest, byte[]> partial = new ConcurrentHashMap<>();
  final List<String> finished = new ArrayList<>();

  @Override
  public boolean has(Descriptor descriptor) {
    return blobs.containsKey(descriptor.digest());
  }

  @Override
  public PartialBlob begin(Descriptor descriptor) {
    return new Partial(descriptor);
  }

  @Override
  public void finish(Descriptor root, Optional<String> tag) {
    finished.add(root.digest() + " " + tag.orElse("-"));
  }

  @Override
  public void close() {}

  private final class Partial implements PartialBlob {
    private final Descriptor descriptor;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean settled;

    Partial(Descriptor descriptor) {
      this.descriptor = descriptor;
      bytes.writeBytes(partial.getOrDefault(descriptor.digest(), new byte[0]));
    }

    @Override
    public long position() {
      return bytes.size();
    }

    @Override
    public void write(ByteBuffer more) {
      byte[] copy = new byte[more.remaining()];
      more.get(copy);
      bytes.writeBytes(copy);
    }

    @Override
    public void commit() throws IOException {
      settled = true;
      partial.remove(descriptor.digest());
      if (!Digest.of(bytes.toByteArray()).equals(descriptor.digest())) {
        throw new IOException("wrong content of " + descriptor.digest());
      }
      blobs.put(descriptor.digest(), bytes.toByteArray());
    }

    @Override
    public void close() {
      if (!settled && bytes.size() > 0) {
        partial.put(descriptor.digest(), bytes.toByteArray());
      }
    }
  }
}
