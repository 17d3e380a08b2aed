package files

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"taskbridge/storage"
)

// Open makes the store at an address. It makes the folder of "file:PATH"; it calls
// nobody for "s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME", where prefix,
// endpoint and region may be missing. The address holds no secret: S3's credentials
// come from the environment, as AWS's tools read them, or from the machine's role.
func Open(address string) (storage.Blobs, error) {
	if path, ok := strings.CutPrefix(address, "file:"); ok {
		return openFolder(strings.TrimPrefix(path, "//"))
	}
	place, err := parseS3(address)
	if err != nil {
		return nil, err
	}
	return openBucket(place)
}

// Validate says in one sentence what is wrong with an address, or nil.
func Validate(address string) error {
	if path, ok := strings.CutPrefix(address, "file:"); ok {
		if strings.TrimPrefix(path, "//") == "" {
			return errors.New("must name a folder, such as file:/var/lib/taskbridge/files")
		}
		return nil
	}
	_, err := parseS3(address)
	return err
}

// place is where a bucket is.
type place struct {
	bucket, prefix, host, region string
	plain                        bool
}

func parseS3(address string) (place, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		// What stands there is not repeated: it could hold a password.
		return place{}, errors.New("must begin with file: and name a folder, or be s3://BUCKET with the optional parameters endpoint and region")
	}
	if u.User != nil {
		return place{}, errors.New("must not hold credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead")
	}
	p := place{bucket: u.Host, prefix: strings.Trim(u.Path, "/"), host: "s3.amazonaws.com"}
	if p.prefix != "" {
		p.prefix += "/"
	}
	for name, values := range u.Query() {
		switch name {
		case "region":
			p.region = values[0]
		case "endpoint":
			e, err := url.Parse(values[0])
			if err != nil || e.Host == "" || e.User != nil || strings.Trim(e.Path, "/") != "" || (e.Scheme != "https" && e.Scheme != "http") {
				return place{}, errors.New("has an endpoint that is no http or https address of a host alone, such as https://minio.example.org")
			}
			p.host, p.plain = e.Host, e.Scheme == "http"
		default:
			return place{}, fmt.Errorf("has the parameter %.40q, which is not known; there are endpoint and region", name)
		}
	}
	return p, nil
}
