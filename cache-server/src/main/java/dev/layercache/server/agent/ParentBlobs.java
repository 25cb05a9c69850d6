package dev.layercache.server.agent;

import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.server.fill.BlobOrigin;
import dev.layercache.server.fill.OriginStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The parent's blobs, whatever repository they are in. Thread-safe. */
final class ParentBlobs implements BlobOrigin {
  private final Parent parent;

  ParentBlobs(Parent parent) {
    this.parent = parent;
  }

  @Override
  public String name() {
    return parent.address();
  }

  @Override
  public Optional<OriginStream> open(Digest digest, long offset) throws IOException {
    var blob = describe(digest);
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    var channel = parent.find(client -> client.open(blob.get(), offset));
    return channel.map(opened -> new ParentStream(opened, blob.get().size(), offset));
  }

  @Override
  public OptionalLong size(Digest digest) throws IOException {
    var blob = describe(digest);
    return blob.isPresent() ? OptionalLong.of(blob.get().size()) : OptionalLong.empty();
  }

  /** A blob is read by digest and size (REAPI, "ByteStream"), and digests do not tell sizes. */
  private Optional<Descriptor> describe(Digest digest) throws IOException {
    return parent.put(client -> client.find(List.of(digest), false)).stream().findFirst();
  }
}
