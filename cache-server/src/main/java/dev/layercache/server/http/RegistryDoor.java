package dev.layercache.server.http;

import dev.layercache.server.blob.BlobStore;
import dev.layercache.server.http.wire.AccessLog;
import dev.layercache.server.http.wire.HttpLimits;
import dev.layercache.server.http.wire.HttpServer;
import dev.layercache.server.image.Images;
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
   * Starts to listen.
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
    var routes =
        new Routes(
            new Blobs(blobs, images),
            new Uploads(blobs, images),
            new Manifests(images),
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
