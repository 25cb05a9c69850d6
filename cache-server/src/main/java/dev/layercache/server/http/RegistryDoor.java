package dev.layercache.server.http;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.http.wire.HttpServer;
import dev.layercache.server.image.Images;
import dev.layercache.server.mirror.Content;
import dev.layercache.server.mirror.StoredContent;
import java.io.IOException;

/**
 * The OCI Distribution API over HTTP/1.1 (distribution-spec v1.1, and what its main branch adds).
 * It owns its sockets and threads; the stores stay the caller's. Thread-safe.
 */
public final class RegistryDoor implements AutoCloseable {
  private final HttpServer server;

  private RegistryDoor(HttpServer server) {
    this.server = server;
  }

  /**
   * Starts to listen, with what is stored.
   *
   * @param blobs must outlive the door
   * @param images on top of the same blobs
   * @param accessLog is told of every answer
   * @param host name or address to listen on
   * @param port 0 picks a free one
   * @return to be closed by the caller
   * @throws IOException if that is not possible, because the port is in use, say
   */
  public static RegistryDoor start(
      BlobStore blobs, Images images, HttpLimits limits, AccessLog accessLog, String host, int port)
      throws IOException {
    var content = new StoredContent(blobs, images);
    return start(blobs, images, content, limits, accessLog, host, port);
  }

  /**
   * As the other one, with what can be had from elsewhere too.
   *
   * @param content is what is pulled; pushes go to {@code blobs} and {@code images}
   */
  public static RegistryDoor start(
      BlobStore blobs,
      Images images,
      Content content,
      HttpLimits limits,
      AccessLog accessLog,
      String host,
      int port)
      throws IOException {
    var routes =
        new Routes(
            new Repositories(content, images),
            new Blobs(content, images),
            new Uploads(blobs, images),
            new Manifests(content, images),
            new Discovery(images));
    return new RegistryDoor(HttpServer.start(routes, limits, accessLog, host, port));
  }

  /** The port that is listened on. */
  public int port() {
    return server.port();
  }

  /** Stops listening and lets requests end, up to {@link HttpLimits#drain}. Idempotent. */
  @Override
  public void close() {
    server.close();
  }
}
