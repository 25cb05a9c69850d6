package dev.layercache.server.http;

import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.HttpHandler;
import dev.layercache.server.http.wire.Request;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;

/** What can be asked of the registry, in one table (OCI distribution-spec, "Endpoints"). */
final class Routes implements HttpHandler {
  private final Repositories repositories;
  private final Blobs blobs;
  private final Uploads uploads;
  private final Manifests manifests;
  private final Discovery discovery;

  Routes(
      Repositories repositories,
      Blobs blobs,
      Uploads uploads,
      Manifests manifests,
      Discovery discovery) {
    this.repositories = repositories;
    this.blobs = blobs;
    this.uploads = uploads;
    this.manifests = manifests;
    this.discovery = discovery;
  }

  @Override
  public Answer handle(Request request) throws IOException {
    var route =
        RoutePath.parse(request.path())
            .orElseThrow(
                () ->
                    new RegistryException(
                        404,
                        ErrorCode.UNSUPPORTED,
                        "no such endpoint (expected: /v2/NAME/blobs|manifests|referrers|tags/...)"));
    return dispatch(repositories.locate(route, request), request)
        .with("Docker-Distribution-API-Version", "registry/2.0");
  }

  private Answer dispatch(Route route, Request request) throws IOException {
    String method = request.method().name();
    return switch (route) {
      case Route.Base r ->
          switch (method) {
            case "GET", "HEAD" -> Answer.bytes(200, "application/json", new byte[] {'{', '}'});
            default -> throw notAllowed(method, "GET, HEAD");
          };
      case Route.Health r ->
          switch (method) {
            case "GET", "HEAD" -> Answer.text(200, "ok\n");
            default -> throw notAllowed(method, "GET, HEAD");
          };
      case Route.Blob blob ->
          switch (method) {
            case "GET" -> blobs.get(blob, request);
            case "HEAD" -> blobs.head(blob, request);
            case "DELETE" -> blobs.delete(blob);
            default -> throw notAllowed(method, "GET, HEAD, DELETE");
          };
      case Route.Uploads r ->
          switch (method) {
            case "POST" -> uploads.post(r.repository(), request);
            default -> throw notAllowed(method, "POST");
          };
      case Route.Upload upload ->
          switch (method) {
            case "GET", "HEAD" -> uploads.status(upload);
            case "PATCH" -> uploads.patch(upload, request);
            case "PUT" -> uploads.put(upload, request);
            case "DELETE" -> uploads.cancel(upload);
            default -> throw notAllowed(method, "GET, HEAD, PATCH, PUT, DELETE");
          };
      case Route.Manifest manifest ->
          switch (method) {
            case "GET" -> manifests.get(manifest, request);
            case "HEAD" -> manifests.head(manifest, request);
            case "PUT" -> manifests.put(manifest, request);
            case "DELETE" -> manifests.delete(manifest);
            default -> throw notAllowed(method, "GET, HEAD, PUT, DELETE");
          };
      case Route.Tags tags ->
          switch (method) {
            case "GET", "HEAD" -> discovery.tags(tags.repository(), request);
            default -> throw notAllowed(method, "GET, HEAD");
          };
      case Route.Referrers referrers ->
          switch (method) {
            case "GET", "HEAD" -> discovery.referrers(referrers, request);
            default -> throw notAllowed(method, "GET, HEAD");
          };
      case Route.Catalog r ->
          switch (method) {
            case "GET", "HEAD" -> discovery.catalog(request);
            default -> throw notAllowed(method, "GET, HEAD");
          };
    };
  }

  @Override
  public Answer failed(Exception failure, String requestId) {
    return ErrorAnswers.of(failure, requestId);
  }

  private static RegistryException notAllowed(String method, String allowed) {
    return new RegistryException(
            405, ErrorCode.UNSUPPORTED, "method %s (expected: %s)".formatted(method, allowed))
        .with(HttpHeaderNames.ALLOW.toString(), allowed);
  }
}
