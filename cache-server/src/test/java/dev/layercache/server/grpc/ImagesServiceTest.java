package dev.layercache.server.grpc;

import static dev.layercache.server.image.ImageFixture.absentLayer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import dev.layercache.oci.Descriptor;
import dev.layercache.oci.Digest;
import dev.layercache.oci.ManifestParser;
import dev.layercache.oci.MediaTypes;
import dev.layercache.server.blob.BlobCounters;
import dev.layercache.server.blob.ByteRange;
import dev.layercache.server.blob.ManualClock;
import dev.layercache.server.blob.MeteredBlobStore;
import dev.layercache.server.blob.UploadHint;
import dev.layercache.server.image.ImageFixture;
import dev.layercache.server.image.ManifestJson;
import dev.layercache.server.mirror.StoredContent;
import dev.layercache.v1.BlobDescriptor;
import dev.layercache.v1.DeleteTagRequest;
import dev.layercache.v1.GetImageRequest;
import dev.layercache.v1.GetStatisticsRequest;
import dev.layercache.v1.ImagesGrpc;
import dev.layercache.v1.ImagesGrpc.ImagesBlockingStub;
import dev.layercache.v1.InspectImageRequest;
import dev.layercache.v1.ListRepositoriesRequest;
import dev.layercache.v1.ListTagsRequest;
import dev.layercache.v1.ListUploadsRequest;
import dev.layercache.v1.MissingBlobs;
import dev.layercache.v1.PutImageRequest;
import dev.layercache.v1.ResolveTagRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service over a real connection, with a client that has gRPC's default limits. */
class ImagesServiceTest {
  private final ImageFixture fixture = new ImageFixture();
  private final BlobCounters counters = new BlobCounters();
  private final ManualClock clock = new ManualClock();
  private GrpcDoor door;
  private ManagedChannel channel;
  private ImagesBlockingStub client;

  @BeforeEach
  void connect() throws IOException {
    var service =
        new ImagesService(
            new StoredContent(fixture.blobs, fixture.images),
            fixture.images,
            fixture.blobs,
            counters,
            clock);
    var config = TestServer.config(16, Duration.ofSeconds(30));
    door = GrpcDoor.open(config, TestServer.BUDGET, fixture.blobs, List.of(service));
    channel =
        NettyChannelBuilder.forAddress(door.address().host(), door.address().port())
            .usePlaintext()
            .build();
    client = ImagesGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
  }

  @AfterEach
  void disconnect() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    door.close();
  }

  private static PutImageRequest putting(byte[] manifest, String... tags) {
    return PutImageRequest.newBuilder()
        .setRepository("team/app")
        .setManifest(ByteString.copyFrom(manifest))
        .addAllTags(List.of(tags))
        .build();
  }

  private static GetImageRequest getting(String reference) {
    return GetImageRequest.newBuilder().setRepository("team/app").setReference(reference).build();
  }

  private static BlobDescriptor message(Descriptor descriptor) {
    return BlobDescriptor.newBuilder()
        .setDigest(descriptor.digest().toString())
        .setSize(descriptor.size())
        .setMediaType(descriptor.mediaType())
        .build();
  }

  private static void assertRefused(ThrowingCallable call, Status.Code code, String... parts) {
    var refused = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(refused.getStatus().getDescription()).contains(parts);
  }

  @Test
  void imageComesBackByTagAndDigest() throws IOException {
    byte[] manifest = fixture.image("one");
    String digest = Digest.of(manifest).toString();

    assertThat(client.putImage(putting(manifest, "v1", "latest")).getDigest()).isEqualTo(digest);

    var expected =
        BlobDescriptor.newBuilder()
            .setDigest(digest)
            .setSize(manifest.length)
            .setMediaType(MediaTypes.OCI_MANIFEST)
            .build();
    for (String reference : List.of("", "v1", "latest", digest)) {
      var found = client.getImage(getting(reference));
      assertThat(found.getManifest().toByteArray()).isEqualTo(manifest);
      assertThat(found.getManifestDescriptor()).isEqualTo(expected);
    }
    for (String tag : List.of("", "v1")) {
      var request = ResolveTagRequest.newBuilder().setRepository("team/app").setTag(tag).build();
      assertThat(client.resolveTag(request).getManifestDescriptor()).isEqualTo(expected);
    }
  }

  @Test
  void missingBlobsStandInTheStatusDetails() throws IOException {
    Descriptor absent = absentLayer("absent");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), absent).bytes();

    var refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> client.putImage(putting(manifest, "v1")));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.getStatus().getDescription()).contains(absent.digest().toString());
    assertThat(details(refused))
        .isEqualTo(MissingBlobs.newBuilder().addBlobs(message(absent)).setTotal(1).build());
  }

  @Test
  void manyMissingBlobsFitTheHeadersThatAClientTakes() throws IOException {
    Descriptor[] layers =
        IntStream.range(0, 2_000)
            .mapToObj(i -> absentLayer("layer " + i))
            .toArray(Descriptor[]::new);
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layers).bytes();

    var refused =
        catchThrowableOfType(
            StatusRuntimeException.class, () -> client.putImage(putting(manifest, "v1")));

    var details = details(refused);
    assertThat(details.getTotal()).isEqualTo(2_000);
    assertThat(details.getBlobsList())
        .hasSizeGreaterThan(20)
        .isEqualTo(
            Arrays.stream(layers)
                .limit(details.getBlobsCount())
                .map(ImagesServiceTest::message)
                .toList());
  }

  private static MissingBlobs details(StatusRuntimeException refused) throws IOException {
    var status = Objects.requireNonNull(StatusProto.fromThrowable(refused));
    assertThat(status.getDetailsList()).hasSize(1);
    return status.getDetails(0).unpack(MissingBlobs.class);
  }

  @Test
  void blobsDeletedThroughTheOtherDoorComeBackWithAPush() throws IOException {
    Descriptor layer = fixture.layer("layer");
    byte[] manifest = ManifestJson.manifest(fixture.config("{}"), layer).bytes();
    fixture.images.deleteBlob("team/app", layer.digest());

    client.putImage(putting(manifest, "v1"));

    assertThat(client.getImage(getting("v1")).getManifest().toByteArray()).isEqualTo(manifest);
  }

  @Test
  void manifestOverFourMebibytesIsRefused() {
    byte[] manifest = new byte[ManifestParser.MAX_BYTES + 1];

    assertRefused(
        () -> client.putImage(putting(manifest, "v1")),
        Status.Code.INVALID_ARGUMENT,
        "4194305 bytes",
        "at most 4194304");
  }

  @Test
  void malformedRequestsSayWhatWasExpected() throws IOException {
    byte[] image = fixture.image("one");
    client.putImage(putting(image));

    assertRefused(
        () -> client.putImage(putting("{}".getBytes(UTF_8), "v1")),
        Status.Code.INVALID_ARGUMENT,
        "schemaVersion",
        "expected: 2");
    assertRefused(
        () -> client.putImage(putting(image, "-x")),
        Status.Code.INVALID_ARGUMENT,
        "tag: '-x' (expected:");
    assertRefused(
        () -> client.putImage(putting(image).toBuilder().setRepository("Team/App").build()),
        Status.Code.INVALID_ARGUMENT,
        "repository name: 'Team/App' (expected:");
    assertRefused(
        () -> client.getImage(getting("sha256:abc")),
        Status.Code.INVALID_ARGUMENT,
        "digest hash has 3 characters (expected: 64");
    assertRefused(
        () ->
            client.resolveTag(
                ResolveTagRequest.newBuilder()
                    .setRepository("team/app")
                    .setTag(Digest.of(image).toString())
                    .build()),
        Status.Code.INVALID_ARGUMENT,
        "tag: 'sha256:");
    assertRefused(
        () -> client.deleteTag(DeleteTagRequest.newBuilder().setRepository("team/app").build()),
        Status.Code.INVALID_ARGUMENT,
        "tag: ''");
  }

  @Test
  void hugeTextIsNotSentBack() {
    String huge = "x".repeat(1 << 19);
    byte[] manifest = ManifestJson.index().with("mediaType", "a/" + huge).bytes();

    assertRefused(
        () -> client.putImage(putting(manifest, "v1")),
        Status.Code.INVALID_ARGUMENT,
        "declares mediaType a/xxx");
    assertRefused(
        () -> client.getImage(getting(huge)),
        Status.Code.INVALID_ARGUMENT,
        "tag: '524288 characters'");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1_001, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void pageSizeHasBounds(int size) {
    String expected = "page_size: " + size + " (expected: 0 to 1000)";

    assertRefused(
        () ->
            client.listRepositories(ListRepositoriesRequest.newBuilder().setPageSize(size).build()),
        Status.Code.INVALID_ARGUMENT,
        expected);
    assertRefused(
        () ->
            client.listTags(
                ListTagsRequest.newBuilder().setRepository("a").setPageSize(size).build()),
        Status.Code.INVALID_ARGUMENT,
        expected);
    assertRefused(
        () -> client.listUploads(ListUploadsRequest.newBuilder().setPageSize(size).build()),
        Status.Code.INVALID_ARGUMENT,
        expected);
  }

  @Test
  void whatIsNotThereIsNotFound() throws IOException {
    fixture.push("other", "one");

    assertRefused(
        () -> client.getImage(getting("")),
        Status.Code.NOT_FOUND,
        "image team/app:latest is not stored");
    assertRefused(
        () -> client.getImage(getting(absentLayer("x").digest().toString())),
        Status.Code.NOT_FOUND,
        "image team/app@sha256:");
    assertRefused(
        () ->
            client.resolveTag(
                ResolveTagRequest.newBuilder().setRepository("other").setTag("two").build()),
        Status.Code.NOT_FOUND,
        "other:two");
    assertRefused(
        () -> client.listTags(ListTagsRequest.newBuilder().setRepository("nowhere").build()),
        Status.Code.NOT_FOUND,
        "repository nowhere");
    assertRefused(
        () ->
            client.inspectImage(InspectImageRequest.newBuilder().setRepository("nowhere").build()),
        Status.Code.NOT_FOUND,
        "nowhere:latest");
  }

  @Test
  void tagIsDeletedOnce() throws IOException {
    Descriptor manifest = fixture.put("app", fixture.image("one"), "v1");
    var request = DeleteTagRequest.newBuilder().setRepository("app").setTag("v1").build();

    client.deleteTag(request);

    assertRefused(() -> client.deleteTag(request), Status.Code.NOT_FOUND, "app:v1");
    assertThat(fixture.images.resolve("app", manifest.digest().toString())).isPresent();
  }

  @Test
  void listsArePaged() throws IOException {
    Descriptor manifest = fixture.put("a", fixture.image("one"), "t1", "t2", "t3");
    fixture.put("b", fixture.image("one"));

    var repositories =
        client.listRepositories(ListRepositoriesRequest.newBuilder().setPageSize(1).build());
    assertThat(repositories.getMore()).isTrue();
    assertThat(repositories.getRepositories(0).getName()).isEqualTo("a");
    assertThat(repositories.getRepositories(0).getTags()).isEqualTo(3);
    var rest = client.listRepositories(ListRepositoriesRequest.newBuilder().setLast("a").build());
    assertThat(rest.getMore()).isFalse();
    assertThat(rest.getRepositoriesList()).hasSize(1);
    assertThat(rest.getRepositories(0).getTags()).isZero();

    var tags =
        client.listTags(ListTagsRequest.newBuilder().setRepository("a").setPageSize(2).build());
    assertThat(tags.getMore()).isTrue();
    assertThat(tags.getTagsList()).extracting("name").containsExactly("t1", "t2");
    assertThat(tags.getTags(0).getManifestDescriptor()).isEqualTo(message(manifest));
    assertThat(tags.getTags(0).getUpdatedMillis()).isEqualTo(ImageFixture.NOW.toEpochMilli());
    var lastTags =
        client.listTags(ListTagsRequest.newBuilder().setRepository("a").setLast("t2").build());
    assertThat(lastTags.getMore()).isFalse();
    assertThat(lastTags.getTagsList()).extracting("name").containsExactly("t3");
  }

  @Test
  void inspectionShowsPlatformsAndSharedLayers() throws IOException {
    Descriptor config = fixture.config("{\"os\":\"linux\",\"architecture\":\"amd64\"}");
    Descriptor layer = fixture.layer("layer");
    Descriptor manifest =
        fixture.put("app", ManifestJson.manifest(config, layer).bytes(), "latest");
    fixture.put("copy", ManifestJson.manifest(config, layer).bytes());

    var found = client.inspectImage(InspectImageRequest.newBuilder().setRepository("app").build());

    assertThat(found.getManifestDescriptor()).isEqualTo(message(manifest));
    assertThat(found.getMore()).isFalse();
    assertThat(found.getImagesList()).hasSize(1);
    var image = found.getImages(0);
    assertThat(image.getPlatform()).isEqualTo("linux/amd64");
    assertThat(image.getConfig()).isEqualTo(message(config));
    assertThat(image.getLayersList()).hasSize(1);
    assertThat(image.getLayers(0).getBlob()).isEqualTo(message(layer));
    assertThat(image.getLayers(0).getSharedWithList()).containsExactly("copy@" + manifest.digest());
    assertThat(image.getLayers(0).getSharedTotal()).isEqualTo(1);
  }

  @Test
  void unfinishedUploadsAreListed() throws IOException {
    try (var first = fixture.blobs.begin(UploadHint.NONE);
        var second = fixture.blobs.begin(UploadHint.NONE)) {
      first.write(ByteBuffer.allocate(7));

      var all = client.listUploads(ListUploadsRequest.getDefaultInstance());
      assertThat(all.getMore()).isFalse();
      assertThat(all.getUploadsList())
          .extracting("id", "position", "updatedMillis")
          .containsExactlyInAnyOrder(
              tuple(first.id().value(), 7L, ImageFixture.NOW.toEpochMilli()),
              tuple(second.id().value(), 0L, ImageFixture.NOW.toEpochMilli()));
      var page = client.listUploads(ListUploadsRequest.newBuilder().setPageSize(1).build());
      assertThat(page.getMore()).isTrue();
      assertThat(page.getUploadsList()).hasSize(1);
    }
  }

  @Test
  void statisticsCountWhatWentThroughTheStore() throws IOException {
    var metered = new MeteredBlobStore(fixture.blobs, counters);
    byte[] content = new byte[100];
    Digest digest = Digest.of(content);
    try (var upload = metered.begin(UploadHint.of(digest, content.length))) {
      upload.write(ByteBuffer.wrap(content));
      upload.commit(digest);
    }
    try (var reader = metered.open(digest, new ByteRange(0, 30)).orElseThrow()) {
      reader.read(ByteBuffer.allocate(30));
    }
    assertThat(metered.open(absentLayer("x").digest(), ByteRange.ALL)).isEmpty();
    clock.advance(Duration.ofMillis(1_234));
    var usage = fixture.blobs.usage();

    try (var open = fixture.blobs.begin(UploadHint.NONE)) {
      var statistics = client.getStatistics(GetStatisticsRequest.getDefaultInstance());

      assertThat(open.position()).isZero();
      assertThat(statistics.getBlobs()).isEqualTo(usage.blobs()).isPositive();
      assertThat(statistics.getBytesStored()).isEqualTo(100);
      assertThat(statistics.getBytesReceived()).isEqualTo(100);
      assertThat(statistics.getBytesSent()).isEqualTo(30);
      assertThat(statistics.getHits()).isEqualTo(1);
      assertThat(statistics.getMisses()).isEqualTo(1);
      assertThat(statistics.getUploads()).isEqualTo(1);
      assertThat(statistics.getUptimeMillis()).isEqualTo(1_234);
    }
  }
}
