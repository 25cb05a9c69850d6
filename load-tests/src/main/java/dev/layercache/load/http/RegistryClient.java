package dev.layercache.load.http;

import dev.layercache.load.data.Blob;
import dev.layercache.oci.Digest;
import dev.layercache.oci.DigestAlgorithm;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The requests of the OCI distribution-spec that pushes and pulls consist of, for one repository
 * over one connection. Not thread-safe.
 */
public final class RegistryClient implements Closeable {
  private static final String BINARY = "Content-Type: application/octet-stream\r\n";
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  private final HttpConnection connection;
  private final String repository;

  public RegistryClient(InetSocketAddress server, String repository) throws IOException {
    this.connection = new HttpConnection(server);
    this.repository = repository;
  }

  /** On the connection, both ways, so far. */
  public long socketBytes() {
    return connection.socketBytes();
  }

  /** A blob that the server lacks: POST, then PUT. */
  public void push(Blob blob) throws IOException {
    put(blob, startUpload(""));
  }

  /**
   * A blob that the server may have elsewhere: a mount from {@code other}, and a PUT if the server
   * does not mount (distribution-spec, "Mounting a blob from another repository").
   *
   * @return whether its bytes were sent
   */
  public boolean mountOrPush(Blob blob, String other) throws IOException {
    var upload = startUpload("?mount=%s&from=%s".formatted(blob.digest(), other));
    if (upload.status() == 201) {
      return false;
    }
    put(blob, upload);
    return true;
  }

  private ResponseHead startUpload(String query) throws IOException {
    var head = connection.send("POST", "/v2/%s/blobs/uploads/%s".formatted(repository, query));
    discard(head);
    if (head.status() != 201) {
      head.requireStatus(202, "POST of an upload");
    }
    return head;
  }

  private void put(Blob blob, ResponseHead upload) throws IOException {
    var location = URI.create(upload.required("location"));
    var query = location.getRawQuery() == null ? "" : location.getRawQuery() + "&";
    var target = "%s?%sdigest=%s".formatted(location.getRawPath(), query, blob.digest());
    var bytes = blob.bytes();
    var head = connection.send("PUT", target, BINARY, blob.size(), bytes::fill);
    discard(head);
    head.requireStatus(201, "PUT of " + blob.digest());
  }

  /** Whether the repository has the blob. */
  public boolean has(Digest digest) throws IOException {
    var head = connection.send("HEAD", path("blobs", digest.toString()));
    if (head.status() != 404) {
      head.requireStatus(200, "HEAD of " + digest);
    }
    return head.status() == 200;
  }

  /**
   * The same as docker asks before it pushes: where the server fails to say (5xx, as
   * docker-registry does while another client stores the same blob), the blob is pushed.
   */
  public boolean hasBeforePush(Digest digest) throws IOException {
    var head = connection.send("HEAD", path("blobs", digest.toString()));
    if (head.status() != 404 && head.status() < 500) {
      head.requireStatus(200, "HEAD of " + digest);
    }
    return head.status() == 200;
  }

  /** Receives a blob, looks at its length only. */
  public void pull(Blob blob) throws IOException {
    connection.receive(startPull(blob), bytes -> {});
  }

  /** Receives a blob and compares its digest. */
  public void pullVerified(Blob blob) throws IOException {
    var hash = DigestAlgorithm.SHA256.newHash();
    connection.receive(startPull(blob), hash::update);
    var received = Digest.of(DigestAlgorithm.SHA256, hash);
    if (!received.equals(blob.digest())) {
      throw new IOException("received %s (expected: %s)".formatted(received, blob.digest()));
    }
  }

  private long startPull(Blob blob) throws IOException {
    var head = connection.send("GET", path("blobs", blob.digest().toString()));
    head.requireStatus(200, "GET of " + blob.digest());
    if (head.contentLength() != blob.size()) {
      throw new IOException(
          "GET of %s: %d bytes (expected: %d)"
              .formatted(blob.digest(), head.contentLength(), blob.size()));
    }
    return head.contentLength();
  }

  /** Stores a manifest under a tag. */
  public void putManifest(String tag, byte[] manifest) throws IOException {
    var type = "Content-Type: %s\r\n".formatted(MANIFEST);
    var content = ByteBuffer.wrap(manifest);
    var head =
        connection.send(
            "PUT", path("manifests", tag), type, manifest.length, out -> copy(content, out));
    discard(head);
    head.requireStatus(201, "PUT of a manifest");
  }

  private static void copy(ByteBuffer from, ByteBuffer to) {
    int count = to.remaining();
    to.put(from.slice(from.position(), count));
    from.position(from.position() + count);
  }

  /** The manifest under a tag. */
  public byte[] manifest(String tag) throws IOException {
    var head = connection.send("GET", path("manifests", tag), "Accept: %s\r\n".formatted(MANIFEST));
    head.requireStatus(200, "GET of the manifest " + tag);
    var content = ByteBuffer.allocate(Math.toIntExact(head.contentLength()));
    connection.receive(content.remaining(), content::put);
    return content.array();
  }

  private String path(String kind, String reference) {
    return "/v2/%s/%s/%s".formatted(repository, kind, reference);
  }

  private void discard(ResponseHead head) throws IOException {
    connection.receive(head.contentLength(), bytes -> {});
  }

  /** The request that reads {@code digest}, as bytes, for {@link RequestLoop}. */
  public static byte[] request(String method, String repository, Digest digest) {
    return "%s /v2/%s/blobs/%s HTTP/1.1\r\nHost: registry\r\n\r\n"
        .formatted(method, repository, digest)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
