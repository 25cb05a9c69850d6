package dev.layercache.server.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.ImageReference;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.http.wire.Answer;
import dev.layercache.server.http.wire.Request;
import dev.layercache.server.image.Images;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Lists, a page at a time (OCI distribution-spec, "Content Discovery"; docker's catalog). */
final class Discovery {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String JSON_TYPE = "application/json";

  private final Images images;

  Discovery(Images images) {
    this.images = images;
  }

  Answer tags(String repository, Request request) throws IOException {
    int most = most(request);
    String last = request.query("last").orElse("");
    if (!last.isEmpty() && !ImageReference.isTag(last)) {
      throw invalid("last: '%s' (expected: a tag)", last);
    }
    var page =
        images
            .tags(repository, last, most)
            .orElseThrow(
                () ->
                    new RegistryException(
                        404,
                        ErrorCode.NAME_UNKNOWN,
                        "no repository %s (expected: one with a manifest)".formatted(repository)));
    var body = JSON.createObjectNode().put("name", repository);
    var tags = body.putArray("tags");
    if (most == 0) {
      return json(JSON_TYPE, body);
    }
    page.items().forEach(tag -> tags.add(tag.name()));
    return linked(json(JSON_TYPE, body), "/v2/" + repository + "/tags/list", page.next(), most, "");
  }

  Answer catalog(Request request) throws IOException {
    int most = most(request);
    var page = images.repositories(request.query("last").orElse(""), most);
    var body = JSON.createObjectNode();
    var repositories = body.putArray("repositories");
    if (most == 0) {
      return json(JSON_TYPE, body);
    }
    page.items().forEach(repositories::add);
    return linked(json(JSON_TYPE, body), "/v2/_catalog", page.next(), most, "");
  }

  Answer referrers(Route.Referrers at, Request request) throws IOException {
    var type = request.query("artifactType").filter(t -> !t.isEmpty());
    String last = request.query("last").orElse("");
    if (!last.isEmpty()) {
      RoutePath.digest(last);
    }
    int most = Math.max(1, most(request));
    var page = images.referrers(at.repository(), at.subject(), type, last, most);
    var body =
        JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MediaTypes.OCI_INDEX);
    var manifests = body.putArray("manifests");
    page.items().forEach(referrer -> manifests.add(descriptor(referrer)));
    String path = "/v2/" + at.repository() + "/referrers/" + at.subject();
    String filter =
        type.map(t -> "&artifactType=" + URLEncoder.encode(t, StandardCharsets.UTF_8)).orElse("");
    var answer = linked(json(MediaTypes.OCI_INDEX, body), path, page.next(), most, filter);
    return type.isPresent() ? answer.with("OCI-Filters-Applied", "artifactType") : answer;
  }

  private static ObjectNode descriptor(Descriptor referrer) {
    var node =
        JSON.createObjectNode()
            .put("mediaType", referrer.mediaType())
            .put("digest", referrer.digest().toString())
            .put("size", referrer.size());
    referrer.artifactType().ifPresent(type -> node.put("artifactType", type));
    if (!referrer.annotations().isEmpty()) {
      var annotations = node.putObject("annotations");
      referrer.annotations().forEach(annotations::put);
    }
    return node;
  }

  /** How many items are wanted; as many as a page has when nothing is said. */
  private static int most(Request request) throws RegistryException {
    var n = request.query("n");
    if (n.isEmpty()) {
      return Images.MAX_PAGE;
    }
    if (n.get().isEmpty() || !n.get().chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw invalid("n: '%s' (expected: a number, >= 0)", n.get());
    }
    return n.get().length() > 9
        ? Images.MAX_PAGE
        : Math.min(Integer.parseInt(n.get()), Images.MAX_PAGE);
  }

  private static Answer linked(
      Answer answer, String path, Optional<String> next, int most, String more) {
    next.ifPresent(
        last ->
            answer.with(
                "Link",
                "<%s?n=%d&last=%s%s>; rel=\"next\""
                    .formatted(path, most, URLEncoder.encode(last, StandardCharsets.UTF_8), more)));
    return answer;
  }

  private static Answer json(String type, ObjectNode body) {
    return Answer.bytes(200, type, body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static RegistryException invalid(String message, String given) {
    String brief = given.length() <= 100 ? given : given.length() + " characters";
    return new RegistryException(400, ErrorCode.UNSUPPORTED, message.formatted(brief));
  }
}
