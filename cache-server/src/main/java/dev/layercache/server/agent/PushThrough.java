package dev.layercache.server.agent;

import dev.layercache.client.ImageManifest;
import dev.layercache.client.LayercacheException;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.InvalidManifestException;
import dev.layercache.oci.ManifestParser;
import dev.layercache.server.blob.BlobInfo;
import dev.layercache.server.blob.BlobReader;
import dev.layercache.server.blob.BlobSource;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.UnavailableException;
import dev.layercache.server.image.MissingBlobsException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.util.List;

/**
 * Hands what clients push here to the parent: nothing is acknowledged that the parent does not
 * have. Only what it lacks is sent. Thread-safe; blocks on the network.
 */
final class PushThrough {
  private static final String OCTETS = "application/octet-stream";

  private final Parent parent;
  private final BlobSource stored;

  /**
   * @param stored what is here
   */
  PushThrough(Parent parent, BlobSource stored) {
    this.parent = parent;
    this.stored = stored;
  }

  /**
   * Sends a blob that is stored here.
   *
   * @throws UnavailableException if the parent is away; the blob stays here
   */
  void blob(BlobInfo blob) throws IOException {
    send(new Descriptor(OCTETS, blob.digest(), blob.size()));
  }

  /**
   * Sends a manifest, and before it what it names, is here and not there.
   *
   * @throws MissingBlobsException if something that it names is neither here nor there
   * @throws InvalidManifestException if it is malformed
   * @throws UnavailableException if the parent is away
   */
  void manifest(String repository, Digest digest, List<String> tags, byte[] bytes, String mediaType)
      throws IOException {
    var content = ManifestParser.parse(bytes, mediaType);
    List<Descriptor> named =
        content.references().stream().filter(blob -> !blob.isNonDistributable()).toList();
    for (var missing : parent.put(client -> client.findMissing(named))) {
      if (stored.stat(missing.digest()).isPresent()) {
        send(missing);
      }
    }
    var manifest =
        new ImageManifest(new Descriptor(content.mediaType(), digest, bytes.length), bytes);
    try {
      parent.put(
          client -> {
            client.putManifest(repository, tags, manifest);
            return digest;
          });
    } catch (LayercacheException e) {
      if (e.kind() == LayercacheException.Kind.MISSING_BLOBS) {
        throw new MissingBlobsException(e.missing());
      }
      if (e.kind() == LayercacheException.Kind.INVALID) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
      throw e;
    }
  }

  private void send(Descriptor blob) throws IOException {
    parent.put(client -> client.upload(blob, offset -> open(blob, offset)));
  }

  private InputStream open(Descriptor blob, long offset) throws IOException {
    BlobReader reader =
        stored
            .open(blob.digest(), ByteRange.from(offset))
            .orElseThrow(
                () -> new FileNotFoundException("blob %s was deleted".formatted(blob.digest())));
    return Channels.newInputStream(reader);
  }
}
