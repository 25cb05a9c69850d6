package dev.layercache.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestParserTest {
  private static final Digest ONE = Digest.sha256("01".repeat(32));
  private static final Digest TWO = Digest.sha256("02".repeat(32));
  private static final Digest THREE = Digest.sha256("03".repeat(32));

  private static Manifest parse(String json) throws InvalidManifestException {
    return parse(json, "");
  }

  private static Manifest parse(String json, String mediaType) throws InvalidManifestException {
    return ManifestParser.parse(json.replace('\'', '"').getBytes(UTF_8), mediaType);
  }

  private static String descriptor(String mediaType, Digest digest, String more) {
    return "{'mediaType':'%s','digest':'%s','size':7%s}".formatted(mediaType, digest, more);
  }

  @Test
  void imageManifest() throws InvalidManifestException {
    var manifest =
        parse(
            "{'schemaVersion':2,'mediaType':'%s','config':%s,'layers':[%s],'subject':%s,'annotations':{'a':'1'}}"
                .formatted(
                    MediaTypes.OCI_MANIFEST,
                    descriptor(MediaTypes.OCI_CONFIG, ONE, ""),
                    descriptor(MediaTypes.OCI_LAYER_GZIP, TWO, ",'annotations':{'b':'2'}"),
                    descriptor(MediaTypes.OCI_INDEX, THREE, "")));

    var config = new Descriptor(MediaTypes.OCI_CONFIG, ONE, 7);
    var layer =
        new Descriptor(MediaTypes.OCI_LAYER_GZIP, TWO, 7)
            .withArtifact(Optional.empty(), Map.of("b", "2"));
    assertThat(manifest)
        .isEqualTo(
            new Manifest(
                MediaTypes.OCI_MANIFEST,
                Optional.of(config),
                List.of(layer),
                List.of(),
                Optional.of(new Descriptor(MediaTypes.OCI_INDEX, THREE, 7)),
                Optional.of(MediaTypes.OCI_CONFIG),
                Map.of("a", "1")));
    assertThat(manifest.isIndex()).isFalse();
    assertThat(manifest.references()).containsExactly(config, layer);
  }

  @Test
  void index() throws InvalidManifestException {
    var manifest =
        parse(
            "{'schemaVersion':2,'mediaType':'%s','artifactType':'a/b','manifests':[%s,%s]}"
                .formatted(
                    MediaTypes.OCI_INDEX,
                    descriptor(
                        MediaTypes.OCI_MANIFEST,
                        ONE,
                        ",'platform':{'os':'linux','architecture':'arm','variant':'v7'}"),
                    descriptor(
                        MediaTypes.OCI_MANIFEST, TWO, ",'artifactType':'c/d','platform':{}")));

    assertThat(manifest.isIndex()).isTrue();
    assertThat(manifest.config()).isEmpty();
    assertThat(manifest.artifactType()).contains("a/b");
    assertThat(manifest.manifests().get(0).platform()).contains(Platform.parse("linux/arm/v7"));
    assertThat(manifest.manifests().get(1).platform()).isEmpty();
    assertThat(manifest.manifests().get(1).artifactType()).contains("c/d");
    assertThat(manifest.references()).isEqualTo(manifest.manifests());
  }

  @Test
  void artifactTypeWinsOverThatOfTheConfig() throws InvalidManifestException {
    String json =
        "{'schemaVersion':2,'artifactType':'%s','config':" + descriptor("a/b", ONE, "") + "}";

    assertThat(parse(json.formatted("c/d")).artifactType()).contains("c/d");
    assertThat(parse(json.formatted("")).artifactType()).isEmpty();
  }

  @Test
  void urlsMakeALayerNonDistributable() throws InvalidManifestException {
    var layers =
        parse(
                "{'schemaVersion':2,'config':%s,'layers':[%s,%s,%s]}"
                    .formatted(
                        descriptor("a/b", ONE, ""),
                        descriptor("a/b", TWO, ",'urls':['https://x.example/y']"),
                        descriptor("a/b", TWO, ",'urls':[]"),
                        descriptor("a/b", TWO, ",'urls':null")))
            .layers();

    assertThat(layers.get(0).urls()).containsExactly("https://x.example/y");
    assertThat(layers)
        .extracting(Descriptor::isNonDistributable)
        .containsExactly(true, false, false);
  }

  @Test
  void kindIsThatOfTheFieldsWhenNothingElseSays() throws InvalidManifestException {
    assertThat(parse("{'schemaVersion':2,'manifests':[]}").mediaType())
        .isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(parse("{'schemaVersion':2,'config':" + descriptor("a/b", ONE, "") + "}").mediaType())
        .isEqualTo(MediaTypes.OCI_MANIFEST);
    assertThat(
            parse("{'schemaVersion':2,'manifests':[]}", MediaTypes.DOCKER_MANIFEST_LIST)
                .mediaType())
        .isEqualTo(MediaTypes.DOCKER_MANIFEST_LIST);
  }

  @Test
  void emptyLayersMayBeNullOrAbsent() throws InvalidManifestException {
    String config = descriptor("a/b", ONE, "");

    assertThat(parse("{'schemaVersion':2,'config':" + config + "}").layers()).isEmpty();
    assertThat(parse("{'schemaVersion':2,'layers':null,'config':" + config + "}").layers())
        .isEmpty();
  }

  @Test
  void contentOfAnotherKindNamesNothing() throws InvalidManifestException {
    assertThat(parse("not json", "application/vnd.example").references()).isEmpty();
  }

  @Test
  void givenKindMustFitTheFields() {
    assertThatThrownBy(() -> parse("{'schemaVersion':2,'manifests':[]}", MediaTypes.OCI_MANIFEST))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessage("manifest is ambiguous: image manifest has manifests");
    assertThatThrownBy(
            () ->
                parse(
                    "{'schemaVersion':2,'config':" + descriptor("a/b", ONE, "") + "}",
                    MediaTypes.OCI_INDEX))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessageContaining("ambiguous: index has config");
  }

  @Test
  void namesThatDifferByCaseAreRefused() {
    String config = descriptor("a/b", ONE, "");

    assertThatThrownBy(() -> parse("{'schemaVersion':2,'config':%s,'Layers':[]}".formatted(config)))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessage("manifest is ambiguous: field Layers (expected: layers)");
    assertThatThrownBy(
            () ->
                parse(
                    "{'schemaVersion':2,'config':%s}"
                        .formatted(descriptor("a/b", ONE, ",'DIGEST':'x'"))))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessage("config is ambiguous: field DIGEST (expected: digest)");
  }

  @Test
  void descriptorsAreCounted() {
    var many = new StringBuilder("{'schemaVersion':2,'manifests':[1");
    many.append(",1".repeat(ManifestParser.MAX_DESCRIPTORS)).append("]}");

    assertThatThrownBy(() -> parse(many.toString()))
        .isInstanceOf(InvalidManifestException.class)
        .hasMessage("manifest's manifests has 20001 entries (expected: at most 20000)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "application/vnd.oci.image.index.v1+json", "a/b.c-d_e+f"})
  void mediaTypes(String mediaType) {
    assertThat(MediaTypes.isMediaType(mediaType)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "a/", "/b", "a/b/c", "a/b;c=d", "a/b c", "a/b\n", "ä/b"})
  void noMediaTypes(String mediaType) {
    assertThat(MediaTypes.isMediaType(mediaType)).isFalse();
  }

  @Test
  void platformOfAConfiguration() {
    assertThat(
            ImageConfig.platform("{\"os\":\"linux\",\"architecture\":\"s390x\"}".getBytes(UTF_8)))
        .contains(Platform.parse("linux/s390x"));
    for (String other : List.of("", "{}", "[]", "not json", "{\"os\":1,\"architecture\":2}")) {
      assertThat(ImageConfig.platform(other.getBytes(UTF_8))).isEmpty();
    }
  }
}
